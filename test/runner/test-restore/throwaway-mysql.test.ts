import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serverFolders } from '../../../lib/runner/test-restore/find-server';
import { makePrivateFolder } from '../../../lib/runner/test-restore/private-folder';
import { openThrowAway } from '../../../lib/runner/test-restore/throwaway';
import { testMachine, testTask } from '../../suites/runner/engine-machine';
import { manifestOf } from '../manifests';

/** A throw-away server of MySQL, by programs that answer as MySQL's do: no server of it can be had where this is tested. */

let bin: string;
beforeEach(() => {
  bin = mkdtempSync(path.join(tmpdir(), 'hypdr-mysql-bin-'));
  // The server runs as another user where this one is root.
  chmodSync(bin, 0o755);
  program('mysqldump', 'echo "mysqldump  Ver 8.4.9 for Linux on x86_64 (MySQL Community Server - GPL)"');
  program(
    'mysql',
    'case "$*" in *--version*) echo "mysql  Ver 8.4.9 for Linux on x86_64"; exit 0 ;; esac',
    'while read -r line; do',
    `  case "$line" in "SELECT 1;") echo 1 ;; "SELECT 'hypdr-"*) echo "$line" | sed "s/SELECT '//; s/';//" ;; esac`,
    'done',
  );
  program(
    'mysqld',
    'case "$*" in',
    '  *--version*) echo "mysqld  Ver 8.4.9 for Linux on x86_64 (MySQL Community Server - GPL)"; exit 0 ;;',
    '  *--initialize-insecure*) echo "$*" > made; exit 0 ;;',
    'esac',
    'echo "$*" > started',
    'exec tail -f /dev/null',
  );
});
afterEach(() => rmSync(bin, { recursive: true, force: true }));

function program(name: string, ...lines: readonly string[]): void {
  writeFileSync(path.join(bin, name), ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
}

async function open(server: string) {
  const machine = testMachine({ PATH: `${bin}:${process.env.PATH ?? ''}` });
  chmodSync(machine.stateFolder, 0o755);
  const folder = await makePrivateFolder(machine.stateFolder, '20261122T021500Z', machine);
  const { manifest } = manifestOf(0, 'full', 7, undefined, { engine: 'mysql', tools: { server } });
  const throwAway = openThrowAway(testTask({ engine: 'mysql', tool: 'mysqldump' }), {
    chain: [],
    folder,
    manifest,
    machine,
  });
  return { throwAway, folder };
}

test('it is made and started by the server of the same family, and asked by the client of that', async () => {
  const { throwAway, folder } = await open('MySQL 8.0.46');
  const { tools, stop } = await throwAway;
  try {
    expect(tools).toEqual({ 'test server': 'MySQL 8.4.9' });
    const said = (name: string) => readFileSync(path.join(folder.path, 'server', name), 'utf8');
    expect(said('made')).toMatch(/^--no-defaults --datadir=\S+ --initialize-insecure$/m);
    expect(said('started')).toMatch(/--skip-networking.* --mysqlx=OFF/);
  } finally {
    await stop();
    await folder.remove();
  }
});

test('a server that is older than the backup is none, and where another one comes from is said', async () => {
  const { throwAway, folder } = await open('MySQL 9.7.2');
  await expect(throwAway).rejects.toMatchObject({
    message: expect.stringContaining('the newest MySQL server here is 8.4.9') as string,
    fix: expect.stringContaining('deployment.image.mysql') as string,
  });
  await folder.remove();
});

test('servers are looked for where the image has that of MySQL, whatever PATH says', async () => {
  expect(await serverFolders({ environment: {} })).toContain('/opt/mysql/bin');
});
