import type { ModelDatabase, ServerState } from './model';
import { lsnText } from './model';
import { ServerError } from './server-error';
import { textIn } from './tokens';

/** Columns as the documentation of each view lists them, as far as anybody asks for them here. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  'sys.databases': words(
    'name database_id source_database_id owner_sid create_date compatibility_level collation_name user_access is_read_only is_auto_close_on state state_desc is_in_standby recovery_model recovery_model_desc is_distributor is_encrypted replica_id group_database_id containment',
  ),
  'sys.database_recovery_status': words(
    'database_id database_guid family_guid last_log_backup_lsn recovery_fork_guid first_recovery_fork_guid fork_point_lsn',
  ),
  'sys.master_files': words(
    'database_id file_id file_guid type type_desc data_space_id name physical_name state state_desc size max_size growth is_read_only differential_base_lsn differential_base_guid differential_base_time redo_start_lsn backup_lsn',
  ),
  'msdb.dbo.backupset': words(
    'backup_set_id backup_set_uuid media_set_id position name description user_name first_lsn last_lsn checkpoint_lsn database_backup_lsn backup_start_date backup_finish_date type backup_size database_name server_name is_copy_only is_snapshot first_recovery_fork_guid last_recovery_fork_guid database_guid family_guid differential_base_lsn differential_base_guid encryptor_thumbprint',
  ),
  'msdb.dbo.backupmediafamily': words(
    'media_set_id family_sequence_number media_family_id media_count logical_device_name physical_device_name device_type',
  ),
  'sys.tables': words('name object_id schema_id is_ms_shipped is_external type create_date'),
  'sys.columns': words('object_id name column_id system_type_id user_type_id max_length is_nullable is_computed'),
  'sys.schemas': words('name schema_id principal_id'),
  'sys.partitions': words('partition_id object_id index_id partition_number hobt_id rows'),
  'sys.server_principals': words(
    'name principal_id sid type type_desc is_disabled create_date modify_date default_database_name default_language_name credential_id owning_principal_id is_fixed_role',
  ),
  'sys.sql_logins': words(
    'name principal_id sid type is_disabled default_database_name is_policy_checked is_expiration_checked password_hash',
  ),
  'sys.server_role_members': words('role_principal_id member_principal_id'),
  'sys.server_permissions': words(
    'class class_desc major_id minor_id grantee_principal_id grantor_principal_id type permission_name state state_desc',
  ),
  'sys.certificates': words(
    'name certificate_id principal_id pvt_key_encryption_type issuer_name subject expiry_date start_date thumbprint',
  ),
  'sys.dm_database_encryption_keys': words(
    'database_id encryption_state key_algorithm key_length encryptor_thumbprint encryptor_type',
  ),
  'msdb.dbo.sysjobs': words('job_id name enabled description start_step_id category_id owner_sid'),
  'msdb.dbo.sysjobsteps': words(
    'job_id step_id step_name subsystem command flags on_success_action on_success_step_id on_fail_action on_fail_step_id database_name database_user_name retry_attempts retry_interval output_file_name proxy_id',
  ),
  'msdb.dbo.sysproxies': words('proxy_id name credential_id enabled'),
  'msdb.dbo.sysjobschedules': words('schedule_id job_id next_run_date next_run_time'),
  'msdb.dbo.sysschedules': words(
    'schedule_id schedule_uid name owner_sid enabled freq_type freq_interval freq_subday_type freq_subday_interval freq_relative_interval freq_recurrence_factor active_start_date active_end_date active_start_time active_end_time',
  ),
  'msdb.dbo.syscategories': words('category_id category_class category_type name'),
};

function words(text: string): readonly string[] {
  return text.split(' ');
}

type Json = Record<string, unknown>;

/** Answers `SELECT ... FOR JSON PATH` of the catalogue, where it names views and columns that there are. */
export function select(state: ServerState, statement: string): string | undefined {
  const views = checkColumns(statement);
  if (!/ FOR JSON PATH(, INCLUDE_NULL_VALUES)?(, WITHOUT_ARRAY_WRAPPER)?$/.test(statement))
    throw new ServerError(102, 15, 'Incorrect syntax near JSON.');
  const rows = rowsOf(state, statement, views).map((row) => project(row, aliasesOf(statement)));
  if (statement.endsWith('WITHOUT_ARRAY_WRAPPER')) return rows[0] && JSON.stringify(rows[0]);
  return rows.length === 0 ? undefined : JSON.stringify(rows);
}

/** Every `alias.column` is a column of the view that has that alias, or of one of a database. */
function checkColumns(statement: string): readonly string[] {
  // A view of a database has the columns of the view, whatever the database is called.
  const plain = statement.replace(/N?'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\](\.sys\.)?/g, (_, view: string | undefined) =>
    view === undefined ? '?' : 'sys.',
  );
  const sources = [...plain.matchAll(/\b(?:FROM|JOIN) ([\w.]+) AS (\w+)/g)].map(([, view = '', alias = '']) => ({
    view,
    alias,
  }));
  for (const { view } of sources) {
    if (!(view in COLUMNS)) throw new ServerError(208, 16, `Invalid object name '${view}'.`);
  }
  const references = plain.replace(/\b(?:FROM|JOIN) [\w.]+ AS \w+/g, ' ');
  for (const [, alias = '', column = ''] of references.matchAll(/(?<![\w.])(\w+)\.(\w+)(?![\w.(])/g)) {
    const views = sources.filter((one) => one.alias === alias).map(({ view }) => view);
    if (views.length === 0)
      throw new ServerError(4104, 16, `The multi-part identifier "${alias}.${column}" could not be bound.`);
    if (!views.some((view) => COLUMNS[view]?.includes(column)))
      throw new ServerError(207, 16, `Invalid column name '${column}'.`);
  }
  return sources.map(({ view }) => view);
}

/** Names of the columns of the outer SELECT. */
function aliasesOf(statement: string): readonly string[] {
  const names: string[] = [];
  let depth = 0;
  for (let at = 0; at < statement.length; at += 1) {
    const sign = statement[at];
    if (sign === "'") at = statement.indexOf("'", at + 1);
    else if (sign === '[') at += (/^\[(?:[^\]]|\]\])*\]/.exec(statement.slice(at))?.[0].length ?? 1) - 1;
    else if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    else if (depth === 0) {
      const found = /^ AS \[(\w+)\]/.exec(statement.slice(at, at + 60));
      if (found?.[1]) names.push(found[1]);
    }
  }
  return names;
}

function project(row: Json, names: readonly string[]): Json {
  return Object.fromEntries(
    names.map((name) => {
      if (!(name in row)) throw new ServerError(207, 16, `the model knows no "${name}"`);
      return [name, row[name]];
    }),
  );
}

function rowsOf(state: ServerState, statement: string, views: readonly string[]): readonly Json[] {
  if (views.includes('sys.databases')) return state.databases.map(databaseRow);
  if (views.includes('msdb.dbo.backupset')) return historyRows(state, statement);
  if (views.includes('sys.partitions')) return tableRows(state, statement);
  if (views.includes('sys.columns')) return timeColumns(state, statement);
  if (views.includes('sys.server_principals')) return [loginsRow(state)];
  if (views.includes('msdb.dbo.sysjobs')) return guarded(state, "'sysjobs'", state.jobs);
  if (views.includes('sys.certificates')) return certificateRows(state, statement);
  return [facts(state)];
}

function facts({ edition, engine, name, backupFolder, rds, dataFolder, logFolder, login }: ServerState): Json {
  const folders = { backupFolder, data: dataFolder, log: logFolder };
  return { edition, engine, name, ...folders, rds: rds ? 1 : 0, create: login.sysadmin ? 1 : 0 };
}

/** A subquery without rows is NULL. */
function loginsRow({ login, logins, members, permissions }: ServerState): Json {
  const rows = (list: readonly Json[]) => (list.length === 0 ? null : list);
  const { sysadmin } = login;
  return {
    definitions: sysadmin ? 1 : 0,
    principals: rows(logins.map((one) => ({ ...one, hash: sysadmin ? one.hash : null }))),
    members: rows(members),
    permissions: rows(permissions),
  };
}

function guarded<T>({ login }: ServerState, what: string, rows: T): T {
  if (login.sysadmin) return rows;
  throw new ServerError(
    229,
    14,
    `The SELECT permission was denied on the object ${what}, database 'msdb', schema 'dbo'.`,
  );
}

function databaseRow(one: ModelDatabase): Json {
  const data = { name: one.name, path: `/data/${one.name}.mdf`, type: 'ROWS', pages: one.pages };
  const log = { name: `${one.name}_log`, path: `/data/${one.name}.ldf`, type: 'LOG', pages: 128 };
  return {
    ...one,
    state: one.state,
    logLsn: one.logLsn === null ? null : lsnText(one.logLsn),
    files: [
      { ...data, baseGuid: one.baseGuid, baseLsn: one.baseLsn === null ? null : lsnText(one.baseLsn) },
      { ...log, baseGuid: null, baseLsn: null },
    ],
  };
}

function tableRows(state: ServerState, statement: string): readonly Json[] {
  const name = /FROM \[((?:[^\]]|\]\])*)\]\.sys\.(?:tables|columns)/.exec(statement)?.[1]?.replaceAll(']]', ']') ?? '';
  const database = state.databases.find((one) => one.name === name);
  if (!database) throw new ServerError(911, 16, `Database '${name}' does not exist.`);
  if (database.primary === 0)
    throw new ServerError(
      976,
      14,
      `The target database, '${name}', is participating in an availability group and is currently not accessible for queries.`,
    );
  const tables = Object.entries(database.tables).filter(([name]) => name !== state.forgets);
  return tables.map(([table, rows]) => {
    const [schema = '', own = ''] = table.split('.', 2);
    return { schema, table: own, rows };
  });
}

/** One column with times in each table that the model knows a time of. */
function timeColumns(state: ServerState, statement: string): readonly Json[] {
  if (!statement.includes('c.system_type_id IN (40, 42, 43, 58, 61)'))
    throw new ServerError(102, 15, 'other types than those of times');
  return tableRows(state, statement).flatMap(({ schema, table }) =>
    state.times[`${String(schema)}.${String(table)}`] === undefined ? [] : [{ schema, table, column: 'placed at' }],
  );
}

const LETTERS = { full: 'D', differential: 'I', log: 'L' } as const;

function historyRows(state: ServerState, statement: string): readonly Json[] {
  const list = /backup_set_uuid IN \(((?:N'[^']+'(?:, )?)+)\)/.exec(statement)?.[1];
  if (list !== undefined) {
    const asked = list.split(', ').map((one) => textIn(one));
    return guarded(state, "'backupset'", state.history)
      .filter(({ guid }) => asked.includes(guid))
      .map(({ description, fork, guid, kind, lastLsn }) => {
        const facts = { type: LETTERS[kind], lastLsn: lsnText(lastLsn), run: description ?? null };
        return { guid, fork, ...facts };
      });
  }
  const guid = /backup_set_uuid = CONVERT\(uniqueidentifier, N'([^']+)'\)/.exec(statement)?.[1];
  const lsn = /last_lsn = CONVERT\(numeric\(25, 0\), N'(\d+)'\)/.exec(statement)?.[1];
  const name = /database_name = (N'(?:[^']|'')*')/.exec(statement)?.[1];
  const rows = guarded(state, "'backupset'", state.history).filter((set) =>
    guid === undefined
      ? set.kind === 'log' && name !== undefined && set.database === textIn(name) && lsnText(set.lastLsn) === lsn
      : set.guid === guid,
  );
  return rows.slice(0, 1).map(({ user, name, device }) => ({ user, name, finished: '2026-11-22T03:00:00', device }));
}

function certificateRows(state: ServerState, statement: string): readonly Json[] {
  if (!state.login.sysadmin)
    throw new ServerError(300, 14, "VIEW SERVER STATE permission was denied on object 'server', database 'master'.");
  const password = /CERTPRIVATEKEY\(c\.certificate_id, (N'(?:[^']|'')*')\)/.exec(statement)?.[1];
  return state.certificates
    .filter(({ protection }) => password === undefined || protection === 'MK')
    .map(({ name, thumbprint, protection, databases }) => ({
      name,
      thumbprint,
      protection,
      databases: databases.length === 0 ? null : databases.map((one) => ({ name: one })),
      encoded: `0x${Buffer.from(`public ${name}`).toString('hex')}`,
      key: password && `0x${Buffer.from(`sealed ${name} ${textIn(password).length}`).toString('hex')}`,
    }));
}
