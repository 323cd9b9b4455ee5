import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { RestoreCheck, TaskManifest } from '../../contract';
import { compareCounts } from './counts';
import type { Found } from './counts';
import type { Inspection } from './throwaway';

/** Looks into a restored folder, root by root as the task names them. */
export function inspectFolder({ source }: TaskManifest, target: string): Inspection {
  const roots = source.kind === 'files' ? source.paths : [];
  return {
    full: async (contents, folder = target) => {
      const found: Found[] = [];
      for (const { name } of contents) found.push(...(await countBelow(folder, name, contents)));
      return compareCounts(contents, found);
    },
    // It has every folder and what changed: in the end there is all of that, and what did not change.
    last: async (contents) => {
      const checks: RestoreCheck[] = [];
      for (const { name, entries = 0, bytes = 0 } of contents) {
        const [found] = await countBelow(target, name, contents);
        const enough = found && (found.entries ?? 0) >= entries && (found.bytes ?? 0) >= bytes;
        checks.push({
          ...{ kind: 'count', name: `${name} after the increments`, result: enough ? 'passed' : 'failed' },
          expected: `at least ${entries} entries, ${bytes} bytes`,
          found: found ? `${found.entries} entries, ${found.bytes} bytes` : 'missing',
        });
      }
      return checks;
    },
    queries: (queries) =>
      Promise.resolve(
        queries.map((name): RestoreCheck => ({
          kind: 'query',
          name,
          result: 'failed',
          found: 'files answer no query',
        })),
      ),
    newest: async (until) => {
      const checks: RestoreCheck[] = [];
      for (const root of roots) {
        let newest: number | undefined;
        for await (const { mtimeMs } of entriesBelow(path.join(target, root)))
          if (mtimeMs <= until.getTime() && mtimeMs > (newest ?? -Infinity)) newest = mtimeMs;
        const found = newest === undefined ? 'nothing in it' : new Date(newest).toISOString();
        checks.push({ kind: 'newest', name: root, result: 'told', found });
      }
      return checks;
    },
    // Every byte was compared with its hash when it was read, and tar compares its own headers.
    integrity: () => Promise.resolve({ checks: [], warnings: [] }),
  };
}

/** As the manifest counts: every entry, links too, and the bytes of files once; what lies below another root is that one's. */
async function countBelow(
  folder: string,
  root: string,
  all: readonly { readonly name: string }[],
): Promise<readonly Found[]> {
  const others = all.map(({ name }) => path.join(folder, name)).filter((one) => one !== path.join(folder, root));
  const inodes = new Set<string>();
  let [entries, bytes] = [0, 0];
  for await (const seen of entriesBelow(path.join(folder, root), others)) {
    entries += 1;
    const inode = `${seen.dev}:${seen.ino}`;
    if (!seen.isFile() || inodes.has(inode)) continue;
    if (seen.nlink > 1) inodes.add(inode);
    bytes += seen.size;
  }
  return entries === 0 ? [] : [{ name: root, entries, bytes }];
}

/** Names are bytes, and not always text. */
async function* entriesBelow(file: string, without: readonly string[] = []): AsyncGenerator<Stats> {
  yield* below(Buffer.from(file), without);
}

async function* below(file: Buffer, without: readonly string[]): AsyncGenerator<Stats> {
  const seen = await lstat(file).catch(() => undefined);
  if (!seen) return;
  yield seen;
  if (!seen.isDirectory()) return;
  for (const name of await readdir(file, { encoding: 'buffer' })) {
    const one = Buffer.concat([file, Buffer.from('/'), name]);
    if (!without.includes(one.toString())) yield* below(one, without);
  }
}
