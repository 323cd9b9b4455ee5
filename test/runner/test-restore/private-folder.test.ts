import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makePrivateFolder } from '../../../lib/runner/test-restore/private-folder';
import { processesOf } from '../../../lib/runner/test-restore/processes';
import { reapLeftovers } from '../../../lib/runner/test-restore/reap';
import { testMachine } from '../../suites/runner/engine-machine';

/** Folders of test restores: whose runner lives, and whose does not. */

const SLOT = '20261122T021500Z';

test('a folder is named, marked and held, and nothing of it is left', async () => {
  const machine = testMachine();
  const folder = await makePrivateFolder(machine.stateFolder, SLOT, machine);
  expect(folder.id).toMatch(/^hypdr_test_20261122T021500Z_[0-9a-f]{8}$/);
  expect(folder.path).toBe(path.join(machine.stateFolder, 'test-restore', folder.id));
  const mark = JSON.parse(readFileSync(path.join(folder.path, 'mark.json'), 'utf8')) as unknown;
  expect(mark).toMatchObject({ runner: process.pid, socket: folder.socket });
  expect(await reapLeftovers(machine.stateFolder, machine)).toEqual([]);
  expect(existsSync(folder.path)).toBe(true);
  await folder.remove();
  expect(readdirSync(path.join(machine.stateFolder, 'test-restore'))).toEqual([]);
  expect(existsSync(folder.socket)).toBe(false);
});

test('what nobody holds is removed, with the processes that were started for it and no others', async () => {
  const machine = testMachine();
  const all = path.join(machine.stateFolder, 'test-restore');
  const left = path.join(all, 'hypdr_test_20261122T021500Z_0123abcd');
  mkdirSync(path.join(left, 'data'), { recursive: true });
  mkdirSync(path.join(all, 'somebody-elses'));
  writeFileSync(path.join(left, 'mark.json'), '{"socket":"/etc"}');
  const sleeping = (file: string, cwd?: string) =>
    spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log("up")', file], {
      cwd,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  const [named, inside, other] = [
    sleeping(`${left}/data`),
    sleeping('x', path.join(left, 'data')),
    sleeping(`${left}x`),
  ];
  await Promise.all([named, inside, other].map(({ stdout }) => once(stdout, 'data')));
  expect([...(await processesOf(left))].sort()).toEqual([named.pid, inside.pid].sort());
  const ends = [named, inside].map((one) => once(one, 'exit'));
  expect(await reapLeftovers(machine.stateFolder, machine)).toEqual([{ id: path.basename(left), processes: 2 }]);
  await Promise.all(ends);
  expect(other.exitCode).toBeNull();
  other.kill();
  expect(readdirSync(all)).toEqual(['somebody-elses']);
  expect(existsSync('/etc')).toBe(true);
  expect(machine.events.map(({ event }) => event)).toEqual(['test_restore_reaped']);
});
