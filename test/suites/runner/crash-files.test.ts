import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crashRig, describeSteps } from './crash-steps';
import { fileTask, makeSource } from './file-task';
import { expectSameFiles, restoreFiles } from './plain-restore';
import { chainOn } from './shelf';

// A folder and its increments.
describeSteps(crashRig, async (id, { folder }) => {
  const source = makeSource(path.join(folder, `source-${id}`));
  return {
    environment: {},
    task: (changes) => fileTask('docs', source, changes),
    types: () => ({ killed: 'incremental', next: 'incremental' }),
    change: async (step) => {
      writeFileSync(path.join(source, `file-${step % 5}`), `${step}`);
      if (step % 3 === 0) rmSync(path.join(source, `file-${(step + 2) % 5}`), { force: true });
    },
    expectRestored: async (shelf) => {
      const restored = path.join(folder, `restored-${id}`);
      expectSameFiles(source, await restoreFiles(shelf, await chainOn(shelf), restored, source));
    },
  };
});
