import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeSteps } from './crash-steps';
import type { CrashRig, CrashSource, PlaceId } from './crash-steps';
import { fileTask, makeSource } from './file-task';
import { expectSameFiles, restoreFiles } from './plain-restore';
import { chainOn } from './shelf';

interface Kind {
  readonly types: ReturnType<CrashSource['types']>;
  /** Bytes that change each time. */
  readonly large: number;
}

const files =
  ({ types, large }: Kind) =>
  async (id: PlaceId, { folder }: CrashRig): Promise<CrashSource> => {
    const source = makeSource(path.join(folder, `source-${id}`));
    return {
      environment: {},
      task: (changes) => fileTask('docs', source, changes),
      types: () => types,
      change: async (step) => {
        writeFileSync(path.join(source, `file-${step % 5}`), `${step}`);
        if (step % 3 === 0) rmSync(path.join(source, `file-${(step + 2) % 5}`), { force: true });
        if (large > 0) writeFileSync(path.join(source, 'large'), randomBytes(large));
      },
      expectRestored: async (shelf) => {
        const restored = path.join(folder, `restored-${id}`);
        expectSameFiles(source, await restoreFiles(shelf, await chainOn(shelf), restored, source));
      },
    };
  };

describe('a folder and its increments', () => {
  describeSteps(files({ types: { killed: 'incremental', next: 'incremental' }, large: 0 }));
});

describe('a folder as fulls, larger than one part', () => {
  describeSteps(files({ types: { killed: 'full', next: 'full' }, large: 9 * 1024 * 1024 }), {
    places: ['s3', 'azure', 'gcs'],
    // Two pieces, and what makes an object of them.
    leastSteps: 6,
  });
});
