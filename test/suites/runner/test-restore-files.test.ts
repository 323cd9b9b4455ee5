import { chmodSync, linkSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import { fileTask, makeSource } from './file-task';
import { bundleRunner, runHere, startRunner } from './program-run';
import {
  damage,
  expectNothing,
  giveAway,
  openFolder,
  take,
  testHost,
  testRestore,
  verdicts,
} from './test-restore-host';

/** The newest backup of files in a folder that nobody else looks into. */

jest.setTimeout(180_000);

let folder: string;
beforeAll(() => (folder = openFolder('test-files')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function hostOf(name: string) {
  const source = makeSource(path.join(folder, `${name}-source`), 5000);
  linkSync(path.join(source, 'large'), path.join(source, 'deep/linked'));
  symlinkSync('../large', path.join(source, 'deep/pointer'));
  writeFileSync(Buffer.concat([Buffer.from(`${source}/`), Buffer.from([0x66, 0xff, 0xfe])]), 'a name that is no text');
  const local = { id: 'local', from: [], path: path.join(folder, name, 'local') };
  return { source, ...testHost(folder, name, fileTask('docs', source, { stores: [], local }), {}) };
}

test('passes: entries and bytes are those of the full, and what follows it is extracted', async () => {
  const one = hostOf('green');
  await take(one);
  const { source } = one;
  writeFileSync(path.join(source, 'later'), 'of the increment');
  await take(one, ['--type', 'incremental']);
  const { exit, stderr, record, kept } = await testRestore(one);
  expect([exit, stderr, record.why]).toEqual([EXIT.success, '', undefined]);
  expect(record).toMatchObject({ backup: { type: 'incremental' }, result: 'passed', store: 'local' });
  expect(verdicts(record)).toEqual([
    expect.stringMatching(/^passed freshness newest full in local/),
    expect.stringMatching(/^passed freshness newest incremental in local/),
    // The folder, two in it, and six files, one of which has two names.
    `passed count ${source}: 9 entries, 5039 bytes`,
    `passed count ${source} after the increments: 10 entries, 5055 bytes`,
    expect.stringMatching(/^told newest .*: \d{4}-\d{2}-\d{2}T/),
  ]);
  expect(kept?.store).toBe('local');
});

test('fails where the manifest counts something else, and where what is stored is damaged', async () => {
  const one = hostOf('forged');
  await take(one);
  const local = path.join(one.host.folder, 'local');
  const manifest = path.join(local, readdirSync(local).find((name) => name.endsWith('.manifest.json')) ?? '');
  const text = readFileSync(manifest, 'utf8');
  const forged = text.replace(/"entries": ?9/, '"entries": 10');
  expect(forged).not.toBe(text);
  chmodSync(manifest, 0o600);
  writeFileSync(manifest, forged);
  rmSync(path.join(local, '_verified'), { recursive: true });
  expect((await runHere(one.host, ['verify', '--quick', '--task', one.file])).exit).toBe(EXIT.success);
  const { exit, record } = await testRestore(one);
  expect([exit, record.result]).toEqual([EXIT.damaged, 'failed']);
  expect(verdicts(record)).toContainEqual(`failed count ${one.source}: 9 entries, 5039 bytes`);
  damage(local);
  const damaged = await testRestore(one);
  expect([damaged.exit, damaged.record.why]).toEqual([
    EXIT.damaged,
    expect.stringContaining('no store has all of it as it was'),
  ]);
});

test('removes folders that who runs it may not write to', async () => {
  const one = hostOf('locked');
  // Who takes backups of his own files is not root, and what may not be changed there comes back so.
  chmodSync(path.join(one.source, 'deep/er'), 0o555);
  const user = giveAway(one, one.source);
  const program = bundleRunner(folder);
  for (const words of [
    ['backup', '--type', 'full'],
    ['verify', '--quick'],
    ['test-restore', '--record-key', one.key],
  ]) {
    const ran = await startRunner(program, one.host, [...words, '--task', one.file], { user }).ended;
    expect([words[0], ran.exit, ran.events.filter(({ level }) => level !== 'info')]).toEqual([
      words[0],
      EXIT.success,
      [],
    ]);
  }
  expectNothing(one.host);
});
