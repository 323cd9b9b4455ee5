import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspectMysql } from '../../../lib/runner/test-restore/inspect-mysql';
import { inspectPostgresql } from '../../../lib/runner/test-restore/inspect-postgresql';
import { testMachine } from '../../suites/runner/engine-machine';

/** What tools say of damage, by programs that answer as they do. That they do so is tested where the servers are. */

let bin: string;
beforeEach(() => (bin = mkdtempSync(path.join(tmpdir(), 'hypdr-damage-'))));
afterEach(() => rmSync(bin, { recursive: true, force: true }));

function program(name: string, ...lines: readonly string[]): string {
  const file = path.join(bin, name);
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  return file;
}

describe('pg_amcheck', () => {
  const look = () =>
    inspectPostgresql({
      connection: { environment: {} } as Parameters<typeof inspectPostgresql>[0]['connection'],
      databases: ['shop', 'a "b"'],
      bin,
      machine: testMachine(),
    }).integrity();
  const check = { kind: 'integrity', name: 'pg_amcheck' };

  test('that finds nothing passes, and is asked for every database, by its name alone', async () => {
    program('pg_amcheck', 'for one in "$@"; do echo "$one"; done > "$(dirname "$0")/asked"');
    expect(await look()).toEqual({ checks: [{ ...check, result: 'passed' }], warnings: [] });
    expect(readFileSync(path.join(bin, 'asked'), 'utf8').split('\n')).toEqual([
      '--install-missing',
      '--no-password',
      '--database="shop"',
      '--database="a ""b"""',
      '',
    ]);
  });

  test('that finds damage fails, and what it quotes is not kept', async () => {
    program('pg_amcheck', `echo 'heap table "shop.public.t", block 0: xmin is hunter2'; exit 2`);
    expect(await look()).toEqual({ checks: [{ ...check, result: 'failed', found: 'damage' }], warnings: [] });
  });

  test.each([
    'pg_amcheck: error: query failed: ERROR:  extension "amcheck" is not available',
    'pg_amcheck: error: query failed: ERROR:  could not open extension control file "/usr/share/postgresql/amcheck.control"',
  ])('without the extension it is a warning, and no check that passed: %s', async (said) => {
    program('pg_amcheck', `echo '${said}' >&2; exit 1`);
    expect(await look()).toEqual({
      checks: [],
      warnings: ['the server has no extension amcheck: it was not looked for damage'],
    });
  });

  test('that is not there is a warning too', async () => {
    expect(await look()).toEqual({
      checks: [],
      warnings: [`pg_amcheck is not beside the server in ${bin}: it was not looked for damage`],
    });
  });

  test('that ends otherwise is a failure, not a verdict', async () => {
    program('pg_amcheck', `echo 'connection to server was lost' >&2; exit 1`);
    await expect(look()).rejects.toMatchObject({
      kind: 'source',
      message: 'pg_amcheck ended with exit code 1: connection to server was lost',
    });
  });
});

describe('CHECK TABLE', () => {
  /** A client with one database, whose tables answer with these rows. */
  function look(tables: Readonly<Record<string, readonly string[]>>) {
    const answer = (rows: readonly string[]) => `printf '%b\\n' ${rows.map((one) => `'${one}'`).join(' ')}`;
    const cases = Object.entries(tables).map(
      ([name, rows]) =>
        `  *'CHECK TABLE \`shop\`.\`${name}\`;') ${answer(rows.map((row) => `shop.${name}\\tcheck\\t${row}`))} ;;`,
    );
    const list = answer(Object.keys(tables).map((name) => `shop\\t${name}\\tInnoDB\\tBASE TABLE\\tYES`));
    const client = program(
      'client',
      'while IFS= read -r line; do',
      'case "$line" in',
      `  "SELECT 'hypdr-"*) echo "$line" | sed "s/SELECT '//; s/';//" ;;`,
      '  *"FROM information_schema.schemata"*) echo shop ;;',
      `  *"FROM information_schema.tables t") ${list} ;;`,
      ...cases,
      'esac',
      'done',
    );
    type Asked = Parameters<typeof inspectMysql>[0];
    const connection = { args: [], environment: {}, secrets: [], refresh: () => Promise.resolve() };
    return inspectMysql({
      connection: connection as unknown as Asked['connection'],
      tools: { client } as Asked['tools'],
      machine: testMachine(),
      databases: ['shop'],
    }).integrity();
  }
  const all = { kind: 'integrity', name: 'CHECK TABLE of shop' };

  test('passes where each table is sound, or has nothing that could be checked', async () => {
    const note = "note\\tThe storage engine for the table doesn't support check".replace("'", "'\\''");
    const found = await look({
      good: ['status\\tOK'],
      held: [note],
      warned: ['warning\\t1 client is using', 'status\\tOK'],
    });
    expect(found).toEqual({
      checks: [{ ...all, expected: '3 tables', result: 'passed', found: '3 sound' }],
      warnings: [],
    });
  });

  test.each([
    ['an error', ['error\\tSize of datafile is: 40 Should be: 80', 'error\\tCorrupt'], 'error'],
    ['a status other than OK', ['status\\tOperation failed'], 'status'],
    ['an error before a status that is OK', ['error\\tkey hunter2', 'status\\tOK'], 'error'],
  ])('fails for %s, by the name of the table and without the words of the server', async (_, rows, kind) => {
    expect(await look({ good: ['status\\tOK'], bad: rows })).toEqual({
      checks: [
        { ...all, expected: '2 tables', result: 'failed', found: '1 sound' },
        { kind: 'integrity', name: 'CHECK TABLE shop: bad', result: 'failed', found: kind },
      ],
      warnings: [],
    });
  });
});
