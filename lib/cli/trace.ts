import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Becomes, TracedLeaf } from '../review';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import type { Host } from './host';
import { load } from './load';
import type { SpecOptions } from './load';
import { needPlan } from './need-plan';
import { synthesize } from './synthesize';
import { table } from './table';

export interface TraceOptions extends SpecOptions {
  readonly format: 'text' | 'json';
}

/** `hypdr trace`: every leaf of the spec with what it became, measured from the templates of a synthesis. */
export async function trace(paths: readonly string[], options: TraceOptions, host: Host): Promise<ExitCode> {
  const compiled = load(paths, options, host);
  const answer = needPlan(compiled, host);
  if ('exit' in answer) return answer.exit;
  const folder = mkdtempSync(join(tmpdir(), 'hypdr-'));
  try {
    const { trace: measured } = await synthesize(compiled, answer.plan, {
      folder: join(folder, 'out'),
      packageRoot: host.packageRoot,
    });
    const { leaves } = measured;
    host.stdout(options.format === 'json' ? `${JSON.stringify({ leaves }, null, 2)}\n` : renderTrace(leaves));
    return EXIT.fine;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function renderTrace(leaves: readonly TracedLeaf[]): string {
  const rows = leaves.map((leaf) => [
    `${leaf.file}:${leaf.line}`,
    leaf.path,
    String(leaf.value).slice(0, 40),
    leaf.reason || leaf.becomes.map(placeText).join(', '),
  ]);
  const built = leaves.filter((leaf) => leaf.becomes.length > 0).length;
  return `${table(['line', 'path', 'value', 'becomes'], rows)}\n${built} of ${leaves.length} values became something\n`;
}

function placeText({ kind, cloud, stack, id }: Becomes): string {
  return kind === 'resource' ? `${cloud}:${stack}${id ? `/${id}` : ''}` : id;
}
