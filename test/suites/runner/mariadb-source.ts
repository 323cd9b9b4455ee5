import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../../../lib/runner/engine/engine';
import type { MariadbServer } from '../../servers/mariadb';

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
export const value = async (of: MariadbServer, text: string) => (await of.sql(text)).trim();
export const lines = async (of: MariadbServer, text: string) =>
  (await of.sql(text)).split('\n').filter((one) => one !== '');

/** Every row of every table, every sequence, view, trigger, routine and event, as one text. */
export async function everything(of: MariadbServer, without: readonly string[] = []): Promise<string> {
  const ours = `('shop', 'it''s = odd')`;
  const tables = await lines(
    of,
    `SELECT concat('\`', table_schema, '\`.\`', replace(table_name, '\`', '\`\`'), '\`') FROM information_schema.tables
     WHERE table_schema IN ${ours} AND table_type <> 'VIEW' ORDER BY 1`,
  );
  const rows: string[] = [];
  for (const table of tables.filter((one) => !without.some((name) => one.includes(name)))) {
    rows.push(table, await of.sql(`SHOW CREATE TABLE ${table}`));
    rows.push(...(await lines(of, `SELECT * FROM ${table}`)).sort());
  }
  const history = await of.sql('SELECT id, v, row_start, row_end FROM shop.past FOR SYSTEM_TIME ALL ORDER BY 3, 1');
  const views = await of.sql(
    `SELECT table_schema, table_name, view_definition FROM information_schema.views WHERE table_schema IN ${ours} ORDER BY 1, 2`,
  );
  const triggers = await of.sql(
    `SELECT trigger_name, action_statement FROM information_schema.triggers WHERE trigger_schema IN ${ours} ORDER BY 1`,
  );
  const routines = await of.sql(
    `SELECT routine_name, routine_definition FROM information_schema.routines WHERE routine_schema IN ${ours} ORDER BY 1`,
  );
  const events = await of.sql(
    `SELECT event_name, event_definition, interval_value FROM information_schema.events WHERE event_schema IN ${ours} ORDER BY 1`,
  );
  return [...rows, history, views, triggers, routines, events].join('\n');
}

export const countOf = async (of: MariadbServer, schema: string, table: string) =>
  Number(await value(of, `SELECT count(*) FROM \`${schema}\`.\`${table.replaceAll('`', '``')}\``));

export async function failure(action: () => Promise<unknown>): Promise<EngineError> {
  const error = await action().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineError);
  return error as EngineError;
}

/** Money moves between accounts until it is told to stop. */
export function transfers(server: MariadbServer): () => Promise<void> {
  const client = spawn('mariadb', [`--defaults-file=${server.optionFile}`, 'shop'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.stdin.on('error', () => undefined);
  let at = 0;
  const timer = setInterval(() => {
    for (let n = 0; n < 10; n += 1, at += 1) {
      const [from, to] = [(at % 100) + 1, ((at * 7 + 3) % 100) + 1];
      client.stdin.write(
        `BEGIN; UPDATE accounts SET balance = balance - 7 WHERE id = ${from}; UPDATE accounts SET balance = balance + 7 WHERE id = ${to}; INSERT INTO transfers (source, target) VALUES (${from}, ${to}); COMMIT;\n`,
      );
    }
  }, 10);
  return async () => {
    clearInterval(timer);
    client.stdin.end();
    await ended;
  };
}

/** A tool whose help does not know `--ignore-table-data`, as MySQL's. */
export function olderTool(folder: string): string {
  const bin = path.join(folder, 'older');
  mkdirSync(bin, { recursive: true });
  const file = path.join(bin, 'mariadb-dump');
  writeFileSync(
    file,
    '#!/bin/sh\nif [ "$1" = --help ]; then /usr/bin/mariadb-dump --help | sed s/ignore-table-data/other/; else exec /usr/bin/mariadb-dump "$@"; fi\n',
  );
  chmodSync(file, 0o755);
  return bin;
}

/**
 * A client that takes the first line of newer dumps for a command that it does not know, as MySQL's and MariaDB's older
 * ones: https://mariadb.org/mariadb-dump-file-compatibility-change/.
 */
export function olderClient(folder: string): string {
  const bin = path.join(folder, 'older-client');
  mkdirSync(bin, { recursive: true });
  const lines = [
    '#!/bin/sh',
    'case " $* " in *" --binary-mode "*) ;; *) exec /usr/bin/mariadb "$@" ;; esac',
    'IFS= read -r first',
    'case "$first" in',
    "  *'999999\\-'*) echo \"ERROR at line 1: Unknown command '\\\\-'.\" >&2; exit 1 ;;",
    'esac',
    '{ printf \'%s\\n\' "$first"; cat; } | /usr/bin/mariadb "$@"',
    '',
  ];
  writeFileSync(path.join(bin, 'mariadb'), lines.join('\n'), { mode: 0o755 });
  return bin;
}

export function pidOf(program: string, port: string): number {
  const found = readdirSync('/proc').find((pid) => {
    const line = /^\d+$/.test(pid) ? commandLine(pid) : '';
    return line.startsWith(`${program}\0`) && line.includes(`--port=${port}`);
  });
  return Number(found);
}

export function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
