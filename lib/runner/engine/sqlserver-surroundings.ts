import type { Content } from '../../contract';
import { EngineError } from './engine';
import type { RunContents, SourceStream } from './engine';
import { PASSWORD_VARIABLE, readCertificates, scriptCertificates } from './sqlserver-certificates';
import type { StoredCertificate } from './sqlserver-certificates';
import { isDenied } from './sqlserver-error';
import { readJobs, scriptJobs } from './sqlserver-jobs';
import { readLogins, scriptLogins } from './sqlserver-logins';
import type { SqlServerSource } from './sqlserver-run';
import { newScript, scriptStream } from './sqlserver-script';

/** What belongs to the server and not to a database: one script, with what could not be read of it. */
export interface Surroundings {
  stream(): SourceStream;
  readonly contents: readonly Content[];
  readonly degraded: RunContents['degraded'];
  /** Certificates whose private keys somebody has to keep elsewhere. */
  readonly keptElsewhere: readonly StoredCertificate[];
}

export async function readSurroundings(source: SqlServerSource): Promise<Surroundings> {
  const { client, control, machine, server } = source;
  const degraded: { name: string; why: string }[] = [];
  const readable = async <T>(name: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof EngineError) || !isDenied(error)) throw error;
      degraded.push({ name, why: error.message });
      return undefined;
    }
  };
  const password = machine.environment[PASSWORD_VARIABLE] || undefined;
  const logins = await readable('logins', () => readLogins(client));
  const jobs = await readable('jobs', () => readJobs(client));
  const certificates = await readable('certificates', () => readCertificates(client, control, password));
  if (logins?.missing !== undefined) degraded.push({ name: 'logins', why: logins.missing });

  const script = newScript();
  script.comment(
    `What belongs to server ${server.name} and to none of its databases. Restore the databases first, then:`,
  );
  script.comment('sqlcmd -x -i this file');
  if (certificates) scriptCertificates(certificates, script);
  if (logins) scriptLogins(logins, script);
  if (jobs) scriptJobs(jobs, script);
  const text = script.text();
  return {
    stream: () => scriptStream('server', text),
    contents: [
      ...(logins ? [{ name: 'logins and server roles', entries: logins.principals.length, exact: true }] : []),
      ...(jobs ? [{ name: 'jobs of the agent', entries: jobs.length, exact: true }] : []),
      ...(certificates ?? []).map(({ name, thumbprint, exported }) => ({
        name: `private key of certificate ${name} (${thumbprint})`,
        entries: exported ? 1 : 0,
        exact: true,
      })),
    ],
    degraded,
    keptElsewhere: (certificates ?? []).filter(({ exported }) => !exported),
  };
}
