import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { claimFolder } from '../../../lib/runner/local-folder';
import { keepRecord } from '../../../lib/runner/test-restore/keep-record';
import { testMachine } from '../../suites/runner/engine-machine';
import { fileTask } from '../../suites/runner/file-task';
import { makeKeys } from '../record/keys';
import { opened, recordOf } from '../record/records';

/** Where a record is kept: beside what was read, and of a replica elsewhere. */

const keys = makeKeys();
let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hypdr-keep-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(() => keys.stop());

const REPLICA = { store: 'dr', of: 'a', region: 'r', bucket: 'dr', path: 'docs/' };

async function keep(place: string | undefined, only: readonly string[] | undefined) {
  const local = { id: 'n', from: [], path: path.join(folder, 'backups') };
  const task: TaskManifest = { ...fileTask('test', folder, { local }), replicas: [REPLICA] };
  const machine = { ...testMachine(), stateFolder: path.join(folder, 'state') };
  await claimFolder({ task: task.name, path: local.path }, 'refused', machine);
  const key = await opened(keys.ed25519.privatePath);
  return keepRecord(recordOf(), task, { slot: '20270102T050000Z', place, only, key }, machine);
}

test.each([
  ['what was read', 'local', undefined],
  ['a replica', 'dr', undefined],
  ['a replica that was asked for', 'dr', ['dr']],
  ['nothing', undefined, undefined],
])('of %s it is kept where the task writes', async (_, place, only) => {
  expect(await keep(place, only)).toMatchObject({ store: 'local' });
});
