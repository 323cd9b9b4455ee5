import { createHash } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A folder that no machine of somebody's is recognized by: its name stands in the manifests and archives. */
export const FILES_ROOT = '/srv/hypdr-corpus/docs';

const at = (...names: string[]) => path.join(FILES_ROOT, ...names);

/** Bytes that do not compress, the same ones in every run. */
function noise(bytes: number, seed: string): Buffer {
  const blocks: Buffer[] = [];
  for (let n = 0; n * 32 < bytes; n += 1) blocks.push(createHash('sha256').update(`${seed} ${n}`).digest());
  return Buffer.concat(blocks).subarray(0, bytes);
}

export function fillFiles(): void {
  mkdirSync(at('deep/er'), { recursive: true });
  mkdirSync(at('empty'));
  writeFileSync(at('.hidden'), 'hidden');
  writeFileSync(at('deep/er/a.txt'), 'one');
  writeFileSync(at('deep/er/gone.txt'), 'here until the first increment');
  writeFileSync(at('line\nbreak'), 'a name of two lines');
  writeFileSync(Buffer.concat([Buffer.from(`${FILES_ROOT}/not-utf8-`), Buffer.from([0xff, 0xe9])]), 'bytes');
  writeFileSync(at('-dash *?[x]'), 'for shells');
  writeFileSync(at('noise.bin'), noise(20_000, 'full'));
  writeFileSync(at('nothing'), '');
  writeFileSync(at('tool.sh'), '#!/bin/sh\n');
  chmodSync(at('tool.sh'), 0o4750);
  symlinkSync('deep/er/a.txt', at('link'));
  symlinkSync('/nowhere/at all', at('dangling'));
  linkSync(at('noise.bin'), at('deep/hard'));
}

/** What changes before the second, third and fourth backup. */
export const FILE_CHANGES: readonly (() => void)[] = [
  () => {
    rmSync(at('deep/er/gone.txt'));
    writeFileSync(at('deep/er/b.txt'), 'two');
    writeFileSync(at('.hidden'), 'hidden, and longer');
  },
  () => {
    rmSync(at('empty'), { recursive: true });
    writeFileSync(at('empty'), 'a file where a folder was');
    writeFileSync(at('noise.bin'), noise(9000, 'differential'));
    rmSync(at('link'));
    symlinkSync('tool.sh', at('link'));
  },
  () => {
    rmSync(at('deep'), { recursive: true });
    mkdirSync(at('other/place'), { recursive: true });
    writeFileSync(at('other/place/c.txt'), 'three');
    chmodSync(at('tool.sh'), 0o700);
  },
];

export function clearFiles(): void {
  rmSync(path.dirname(FILES_ROOT), { recursive: true, force: true });
}
