import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Machine } from '../../lib/runner/machine';
import { mountPoint } from '../../lib/runner/mount-point';
import { openPlaces } from '../../lib/runner/places';
import type { PlaceChoice } from '../../lib/runner/places';
import { testTask } from '../suites/runner/engine-machine';
import { testMachine } from './test-machine';

let folder: string;
let local: string;
let machine: Machine & { readonly logged: readonly { readonly event: string; readonly message: string }[] };

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-folder-'));
  local = path.join(folder, 'mnt/backups/shop');
  machine = { ...testMachine(), stateFolder: path.join(folder, 'state') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const taskOf = (where: string, name = 'shop') => testTask({ name, local: { id: 'l', from: [], path: where } });

async function open(use: PlaceChoice['local'], task = taskOf(local)) {
  const { places, dropped } = await openPlaces(task, machine, { local: use });
  return { opened: places.map(({ store }) => store.url), why: dropped.map((one) => one.why).join('; ') };
}

/** What a lost mount looks like: the same path, and below it the disk that the mount lay over. */
function loseMount(): void {
  renameSync(path.join(folder, 'mnt/backups'), path.join(folder, 'away'));
}

it('the first run makes the folder with all above it, says where it lies, and later runs find it', async () => {
  expect(await open('written')).toEqual({ opened: [local], why: '' });
  expect(machine.logged).toMatchObject([
    { event: 'local_folder_made', message: expect.stringContaining('on the file system mounted at /') as string },
  ]);
  expect(await open('written')).toEqual({ opened: [local], why: '' });
  expect(await open('read')).toEqual({ opened: [local], why: '' });
  expect(machine.logged).toHaveLength(1);
});

it('reading makes nothing, and a folder that no run of this host made is no place of it', async () => {
  expect(await open('read')).toEqual({ opened: [], why: '' });
  expect(existsSync(path.join(folder, 'mnt'))).toBe(false);
  mkdirSync(local, { recursive: true });
  expect(await open('read')).toEqual({ opened: [local], why: '' });
});

it.each([
  ['whose mount point is empty', () => mkdirSync(path.join(folder, 'mnt/backups'))],
  ['that is empty', () => mkdirSync(local, { recursive: true })],
  ['whose mount point is gone', () => undefined],
])('a folder %s after earlier runs is refused, filled by nobody, and named with the way out', async (_, then) => {
  await open('written');
  loseMount();
  then();
  for (const use of ['written', 'read'] as const) {
    const { opened, why } = await open(use);
    expect(opened).toEqual([]);
    expect(why).toContain(`${local} is not the folder that earlier runs wrote to`);
    expect(why).toContain('--accept-moved-local');
  }
  expect(existsSync(path.join(local, '.hypdr-folder'))).toBe(false);
});

it('another folder with a mark of its own is refused too, and the first one is welcome again', async () => {
  await open('written');
  loseMount();
  mkdirSync(local, { recursive: true });
  writeFileSync(path.join(local, '.hypdr-folder'), 'ff\n');
  expect((await open('written')).why).toContain('bears the mark of another folder');
  rmSync(path.join(folder, 'mnt/backups'), { recursive: true });
  renameSync(path.join(folder, 'away'), path.join(folder, 'mnt/backups'));
  expect(await open('written')).toEqual({ opened: [local], why: '' });
});

it('an accepted move is remembered, and the old folder is then the wrong one', async () => {
  await open('written');
  loseMount();
  expect(await open('moved')).toEqual({ opened: [local], why: '' });
  expect(await open('written')).toEqual({ opened: [local], why: '' });
  rmSync(path.join(folder, 'mnt/backups'), { recursive: true });
  renameSync(path.join(folder, 'away'), path.join(folder, 'mnt/backups'));
  expect((await open('written')).opened).toEqual([]);
});

it('a copy of the whole folder on another disk is the same folder', async () => {
  await open('written');
  loseMount();
  cpSync(path.join(folder, 'away/shop'), local, { recursive: true });
  expect(await open('written')).toEqual({ opened: [local], why: '' });
});

it('another path in the task is a first run there, and two tasks may share a folder', async () => {
  await open('written');
  const other = path.join(folder, 'other');
  expect(await open('written', taskOf(other))).toEqual({ opened: [other], why: '' });
  expect(await open('written', taskOf(other, 'shop/2'))).toEqual({ opened: [other], why: '' });
  expect(await open('written', taskOf(other))).toEqual({ opened: [other], why: '' });
});

it('where nothing can be remembered, the backup is taken and the log says what is lost', async () => {
  writeFileSync(path.join(folder, 'state'), 'a file where the folder of states belongs');
  expect(await open('written')).toEqual({ opened: [local], why: '' });
  expect(machine.logged.map(({ event }) => event)).toEqual(['local_folder_made', 'local_not_remembered']);
});

it('a folder that cannot be made is left out and named', async () => {
  writeFileSync(path.join(folder, 'mnt'), 'a file');
  expect(await open('written')).toEqual({ opened: [], why: expect.stringContaining('ENOTDIR') as string });
});

it('the mark is no object', async () => {
  const { places } = await openPlaces(taskOf(local), machine, { local: 'written' });
  expect(readFileSync(path.join(local, '.hypdr-folder'), 'utf8')).toMatch(/^[0-9a-f]{32}\n$/);
  for await (const { key } of places[0]!.store.list('')) throw new Error(`listed ${key}`);
});

it('a mount point is the highest folder on the same file system', async () => {
  expect(await mountPoint('/proc/self/status')).toBe('/proc');
  expect(await mountPoint('/proc/no/such/folder')).toBe('/proc');
});
