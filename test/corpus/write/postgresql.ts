import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { PostgresServer } from '../../servers/postgres';
import type { Answer } from '../expected';

const SOURCE = path.join(__dirname, '../../suites/runner/awkward.sql');

export async function fillPostgres(server: PostgresServer): Promise<void> {
  await server.sql('CREATE DATABASE shop');
  await server.sql(readFileSync(SOURCE, 'utf8'), 'shop');
}

/** Rows of every table, sequences, views, triggers, large objects and the role. */
export async function postgresAnswers(server: PostgresServer): Promise<readonly Answer[]> {
  const ours = `schemaname IN ('public', 'odd schema')`;
  const tables = await server.sql(
    `SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE ${ours} ORDER BY 1`,
    'shop',
  );
  const questions = [
    ...tables
      .split('\n')
      .filter((one) => one !== '')
      .map((table) => `SELECT t::text FROM ${table} t ORDER BY 1`),
    'SELECT total FROM totals',
    `SELECT schemaname, sequencename, last_value FROM pg_sequences WHERE ${ours} ORDER BY 1, 2`,
    `SELECT schemaname, viewname FROM pg_views WHERE ${ours} ORDER BY 1, 2`,
    'SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2',
    'SELECT conname, convalidated FROM pg_constraint WHERE connamespace = $$public$$::regnamespace ORDER BY 1',
    'SELECT oid, md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY 1',
    `SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname = 'app_owner'`,
  ];
  const answers: Answer[] = [];
  for (const question of questions) {
    const sql = `SET timezone = 'UTC'; ${question}`;
    answers.push({ database: 'shop', sql, answer: await server.sql(sql, 'shop') });
  }
  return answers;
}
