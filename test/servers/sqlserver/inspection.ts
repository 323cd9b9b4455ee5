import type { ServerState } from './model';
import { databaseOf } from './model';
import { ServerError } from './server-error';
import type { Outcome } from './statements';
import { nameIn, textIn } from './tokens';

/** What a test restore looks at in a database, as far as the model knows it. */

const NEWEST =
  /^SELECT CONVERT\(varchar\(19\), SWITCHOFFSET\(MAX\(CONVERT\(datetimeoffset\(0\), \[placed at\]\)\), N'\+00:00'\), 126\) AS \[at\] FROM (\[(?:[^\]]|\]\])+\])\.\[(\w+)\]\.\[(\w+)\] WHERE CONVERT\(datetimeoffset\(0\), \[placed at\]\) <= CONVERT\(datetimeoffset\(0\), (N'[^']+')\) FOR JSON PATH, INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER$/;

/** The newest time of a table; nothing for another question. */
export function newestTime(state: ServerState, query: string): string | undefined {
  const [, database, schema = '', table = '', until = ''] = NEWEST.exec(query) ?? [];
  if (database === undefined) return undefined;
  databaseOf(state, nameIn(database));
  const at = state.times[`${schema}.${table}`];
  return JSON.stringify({ at: at !== undefined && `${at}Z` <= textIn(until) ? at : null });
}

/** What a spec asks of a restored database, in a transaction that is rolled back. */
export function somebodysQuery(state: ServerState, statement: string, outcome: Outcome): boolean {
  const [, database, query = ''] =
    /^USE (\[(?:[^\]]|\]\])+\]); BEGIN TRANSACTION; (.*)\n; ROLLBACK TRANSACTION;$/s.exec(statement) ?? [];
  if (database === undefined) return false;
  const name = nameIn(database);
  if (!state.databases.some((one) => one.name === name && one.state === 'ONLINE'))
    throw new ServerError(911, 16, `Database '${name}' does not exist. Make sure that the name is entered correctly.`);
  const lines = state.answers[query];
  if (!lines) throw new ServerError(208, 16, `Invalid object name '${query.slice(0, 40)}'.`);
  outcome.messages.push(`Changed database context to '${name}'.`);
  outcome.results.push({ names: [''], rows: lines.map((line) => line.split(',')) });
  return true;
}

/** DBCC CHECKDB as test restores ask for it. */
export function checkDatabase(state: ServerState, statement: string): void {
  const [, name] = /^DBCC CHECKDB \((N'(?:[^']|'')+')\) WITH NO_INFOMSGS, ALL_ERRORMSGS$/.exec(statement) ?? [];
  if (name === undefined) throw new ServerError(102, 15, `Incorrect syntax near '${statement.slice(0, 60)}'.`);
  const { name: database } = databaseOf(state, textIn(name));
  state.executed.push(statement);
  const found = state.checkdb.find((one) => database.startsWith(one.database));
  if (found) throw new ServerError(found.number, 16, found.text);
}
