import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { globalsStream } from '../../../lib/runner/engine/postgresql-globals';
import type { PostgresConnection } from '../../../lib/runner/engine/postgresql-environment';
import { readAll } from '../../../lib/runner/manifest';
import { testMachine } from '../test-machine';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hypdr-globals-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('roles are kept until somebody reads them, although pg_dumpall has ended long before', async () => {
  const tool = path.join(folder, 'pg_dumpall');
  writeFileSync(tool, '#!/bin/sh\necho "CREATE ROLE app;"\n');
  chmodSync(tool, 0o755);
  const connection = {
    maintenance: 'postgres',
    fresh: () => Promise.resolve({ environment: {}, secrets: [] }),
  } as unknown as PostgresConnection;
  const machine = testMachine({ PATH: `${folder}${path.delimiter}${process.env.PATH}` });
  const { output, ended } = await globalsStream({ passwords: 'included' }, connection, machine);
  await ended;
  expect((await readAll(output)).toString()).toBe('CREATE ROLE app;\n');
});
