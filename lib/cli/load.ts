import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../compile';
import type { Compiled } from '../compile';
import { Collector } from '../diagnostics';
import type { Host } from './host';
import { readSources } from './sources';

export interface SpecOptions {
  readonly strictEnv?: boolean;
  readonly today?: string;
}

/** An invocation that cannot be carried out: its text goes to stderr, its exit code is 2. */
export class BadInvocation extends Error {}

/** Reads and compiles the specs of a command; without paths, the folder that cdk.json names. */
export function load(paths: readonly string[], options: SpecOptions, host: Host): Compiled {
  const reading = new Collector();
  const files = readSources(paths.length > 0 ? paths : [defaultSpec(host)], host.cwd, reading.report);
  const today = options.today ?? host.today;
  return compile(files, {
    environment: host.environment,
    unset: options.strictEnv ? 'error' : 'warning',
    today,
    reading: reading.diagnostics,
  });
}

function defaultSpec(host: Host): string {
  const file = join(host.cwd, 'cdk.json');
  const spec = existsSync(file) ? specOf(readFileSync(file, 'utf8')) : undefined;
  if (spec !== undefined) return spec;
  throw new BadInvocation('which spec? give its path, or name it in cdk.json as context.spec; `hypdr init` makes both');
}

function specOf(cdkJson: string): string | undefined {
  try {
    const parsed = JSON.parse(cdkJson) as { context?: { spec?: unknown } } | null;
    const spec = parsed?.context?.spec;
    return typeof spec === 'string' ? spec : undefined;
  } catch {
    throw new BadInvocation('cdk.json is not JSON');
  }
}
