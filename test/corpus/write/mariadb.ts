import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { MariadbServer } from '../../servers/mariadb';
import type { Answer } from '../expected';

const SOURCE = path.join(__dirname, '../../suites/runner/awkward-mariadb.sql');
const SCHEMAS = `('shop', 'it''s = odd')`;

export async function fillMariadb(server: MariadbServer): Promise<void> {
  await server.sql(readFileSync(SOURCE, 'utf8'));
}

/** Rows of every table with bytes as hex, the history of versions, views, triggers, routines and events. */
export async function mariadbAnswers(server: MariadbServer): Promise<readonly Answer[]> {
  const column = `if(data_type IN ('blob', 'varbinary', 'bit'), concat('hex(', quoted, ')'), quoted)`;
  const columns = `SELECT *, concat('\`', replace(column_name, '\`', '\`\`'), '\`') AS quoted FROM information_schema.columns`;
  const selects = await server.sql(
    `SELECT concat('SELECT ', group_concat(${column} ORDER BY ordinal_position SEPARATOR ', '),
       ' FROM \`', c.table_schema, '\`.\`', replace(c.table_name, '\`', '\`\`'), '\`',
       ' ORDER BY ', group_concat(ordinal_position ORDER BY ordinal_position))
     FROM (${columns}) c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema IN ${SCHEMAS} AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
     GROUP BY c.table_schema, c.table_name ORDER BY 1`,
  );
  const questions = [
    ...selects.split('\n').filter((one) => one !== ''),
    'SELECT id, v, row_start, row_end FROM shop.past FOR SYSTEM_TIME ALL ORDER BY 3, 1',
    'SELECT next_not_cached_value FROM shop.lonely',
    'SELECT count(*), sum(balance) FROM shop.rich',
    `SELECT trigger_name, event_object_table FROM information_schema.triggers WHERE trigger_schema IN ${SCHEMAS} ORDER BY 1`,
    `SELECT routine_name, routine_type FROM information_schema.routines WHERE routine_schema IN ${SCHEMAS} ORDER BY 1`,
    `SELECT event_name, interval_value FROM information_schema.events WHERE event_schema IN ${SCHEMAS} ORDER BY 1`,
  ];
  const answers: Answer[] = [];
  for (const question of questions) {
    const sql = `SET time_zone = '+00:00'; ${question}`;
    answers.push({ database: '', sql, answer: await server.sql(sql) });
  }
  return answers;
}
