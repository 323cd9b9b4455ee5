import type { Machine } from '../machine';
import { runChild, statusOf } from './child';
import { EngineError } from './engine';
import type { PostgresSession } from './postgresql-session';

const TOOLS = ['psql', 'pg_dump', 'pg_dumpall'] as const;

/** psql tells whether a statement failed since this version. */
const OLDEST_CLIENT = 11;

/** Versions of the client's tools, `15.18` each. */
export async function clientVersions(machine: Machine): Promise<Readonly<Record<string, string>>> {
  const versions: Record<string, string> = {};
  for (const tool of TOOLS) versions[tool] = await versionOf(tool, machine);
  return versions;
}

async function versionOf(tool: string, machine: Machine): Promise<string> {
  const end = await runChild(tool, ['--version'], { machine });
  const version = parseVersion(end.stdout);
  if (end.exitCode !== 0 || version === undefined) {
    throw new EngineError(
      'config',
      `${tool} --version ended with ${statusOf(end)}: ${end.stderr}`,
      "install PostgreSQL's client",
    );
  }
  return version;
}

export function parseVersion(text: string): string | undefined {
  return /\(PostgreSQL\) (\d+[\w.]*)/.exec(text)?.[1];
}

/** Since 10 the first number is the major version, before it the first two were. */
export function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}

export async function serverVersion(session: PostgresSession): Promise<string> {
  const [row] = await session.query("SELECT current_setting('server_version') AS version");
  return String(row?.version);
}

/** pg_dump refuses a server that is newer than itself, but only after the run has begun. */
export function checkVersions(tools: Readonly<Record<string, string>>, server: string): void {
  for (const tool of TOOLS) {
    const version = tools[tool] ?? '';
    if (majorOf(version) < OLDEST_CLIENT) {
      throw new EngineError(
        'config',
        `${tool} ${version} is too old`,
        `install PostgreSQL's client ${OLDEST_CLIENT} or newer`,
      );
    }
    if (tool === 'psql' || majorOf(version) >= majorOf(server)) continue;
    const fix = `install PostgreSQL's client ${majorOf(server)} and put it first on PATH; in the image of tasks: deployment.image.postgresql`;
    throw new EngineError('config', `${tool} ${version} is older than the server, which is PostgreSQL ${server}`, fix);
  }
}
