import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFolder } from '../../../lib/runner/engine/sqlserver-folder';

/** Who SQL Server runs as, in these tests. */
const SERVER = 10_001;

let base: string;
beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'hypdr-shared-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const facts = (folder: string) => {
  const { uid, gid, mode } = statSync(folder);
  return [uid, gid, mode & 0o777];
};
const isRoot = process.getuid?.() === 0;

test.each(['made', 'given away'] as const)(
  'a folder that a killed run had %s goes to the server after all',
  async (left) => {
    if (!isRoot) return void process.stderr.write('skipped: to give folders away takes root\n');
    chownSync(base, SERVER, SERVER);
    const scratch = path.join(base, '_scratch');
    // As mkdir leaves it, and as chown does.
    mkdirSync(scratch, { mode: 0o700 });
    if (left === 'given away') chownSync(scratch, SERVER, SERVER);
    const here = path.join(scratch, 'shop.log');
    await openFolder({ here, server: here });
    for (const folder of [scratch, here]) expect(facts(folder)).toEqual([SERVER, SERVER, 0o770]);
  },
);

test('a folder that an operator has set up stays as it is', async () => {
  if (!isRoot) return void process.stderr.write('skipped: to give folders away takes root\n');
  chownSync(base, SERVER, SERVER);
  const scratch = path.join(base, '_scratch');
  mkdirSync(scratch);
  chmodSync(scratch, 0o2775);
  const here = path.join(scratch, 'shop.log');
  await openFolder({ here, server: here });
  expect(facts(scratch)).toEqual([0, 0, 0o775]);
});
