import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HostEnd } from '../../aws/state-machine';

/** A document of Systems Manager, as far as this one is used. */
export interface HostDocument {
  readonly parameters: Readonly<Record<string, { readonly allowedPattern: string }>>;
  readonly mainSteps: readonly {
    readonly action: string;
    readonly inputs: Readonly<Record<string, string | readonly string[]>>;
  }[];
}

export interface Agent {
  /** Where the agent keeps the folders of its commands. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What the host's role gets under a URL; an error is a download that fails. */
  readonly fetch: (url: string) => Promise<Uint8Array>;
  /** Gets what a script says while it runs. */
  readonly heard?: (text: string) => void;
}

/** How a command ended, with what it said to whoever reads the log. */
export interface HostRan extends Required<HostEnd> {
  readonly stderr: string;
}

/**
 * What the agent does with a document: parameters are checked by their patterns and written into the steps as they are;
 * a download goes into a folder of the command, in which the script then starts; a step that fails stops no other.
 */
export async function runDocument(
  document: HostDocument,
  parameters: Readonly<Record<string, readonly string[]>>,
  { folder, environment, fetch, heard }: Agent,
): Promise<HostRan> {
  mkdirSync(folder, { recursive: true });
  const own = mkdtempSync(path.join(folder, 'command-'));
  const ended = { id: 'i-1', code: -1, said: '', stderr: '' };
  for (const { action, inputs } of document.mainSteps) {
    const filled = JSON.parse(fillIn(document, parameters, JSON.stringify(inputs))) as typeof inputs;
    if (action === 'aws:downloadContent') {
      const { path: url } = JSON.parse(String(filled.sourceInfo)) as { path: string };
      const content = await fetch(url).catch(() => undefined);
      if (content) writeFileSync(path.join(own, String(filled.destinationPath)), content);
    } else {
      const script = path.join(own, '_script.sh');
      writeFileSync(script, `${(filled.runCommand as readonly string[]).join('\n')}\n`, { mode: 0o700 });
      Object.assign(ended, await shell(script, own, { environment, heard }));
    }
  }
  return ended;
}

function fillIn(document: HostDocument, parameters: Readonly<Record<string, readonly string[]>>, text: string): string {
  return text.replace(/\{\{ (\w+) \}\}/g, (_, name: string) => {
    const [value = ''] = parameters[name] ?? [];
    const { allowedPattern } = document.parameters[name] ?? { allowedPattern: '^$' };
    if (!new RegExp(allowedPattern).test(value)) throw new Error(`${name} may not be "${value}"`);
    return value;
  });
}

function shell(script: string, cwd: string, { environment, heard }: Pick<Agent, 'environment' | 'heard'>) {
  const child = spawn('sh', ['-c', script], { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => {
    out.push(chunk);
    heard?.(chunk.toString());
  });
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  return new Promise<Omit<HostRan, 'id'>>((resolve) => {
    child.once('close', (code) => {
      const [said, stderr] = [Buffer.concat(out).toString(), Buffer.concat(err).toString()];
      resolve({ code: code ?? -1, said, stderr });
    });
  });
}
