import { childPath } from '../../diagnostics';
import type { ObjectValue } from '../../syntax';
import { choice } from '../leaf';
import { block, defaulted, list, optional, required } from '../structure';
import type { DecodeContext, Typed } from '../type';
import { jobs } from '../types/amount';
import { tablePattern } from '../types/path';
import { cadence } from '../types/time';
import { flag, storeReference } from '../types/word';
import { reportMisspelt, variant } from '../variant';
import { storage } from './storage';

/** Engines by the tool that takes the backup. */
const ENGINE_OF = { pg_dump: 'postgresql', mysqldump: 'mysql', 'mariadb-dump': 'mariadb', sqlcmd: 'sqlserver' } as const;
type Tool = keyof typeof ENGINE_OF;
const TOOLS = Object.keys(ENGINE_OF) as Tool[];
const toolName = choice('tool', TOOLS);

export const validation = block({
  enabled: defaulted(flag, true, 'false switches verification and test restores off'),
  verify_checksum: defaulted(flag, true, 'compare checksums of stored objects, and read all of them again at `frequency`'),
  test_restore: defaulted(flag, false, 'restore the newest backup into a throw-away target'),
  frequency: defaulted(cadence, { kind: 'weekly' }, 'how often all that is stored is read again, and the test restore runs'),
});

export const storeCopies = list(storeReference, 0);
const copiesField = optional(
  storeCopies,
  'stores of `backup.cloud` that get a copy; an empty list for none',
  'each enabled store of `backup.cloud`',
);

/** What every data set has, whatever fills it. */
const common = {
  enabled: defaulted(flag, true, 'false builds nothing for it'),
  storage: required(storage, 'where the backups are kept'),
  validation: optional(validation, 'verification and test restores', 'checksums only'),
  copies: copiesField,
};

const engineName = choice('engine', ['postgresql', 'mysql', 'mariadb', 'sqlserver']);
const engine = optional(engineName, 'engine, where it is said beside `type`', 'follows from `type`');

const postgresql = block({
  ...common,
  engine,
  type: required(choice('tool', ['pg_dump']), 'tool that takes the backup'),
  settings: optional(
    block({
      format: defaulted(choice('dump format', ['custom', 'directory', 'plain', 'tar']), 'custom', 'format of pg_dump'),
      compression: defaulted(flag, true, 'compress inside of the dump'),
      parallel_jobs: defaulted(jobs, 1, 'jobs of pg_dump with format directory, and of pg_restore'),
      exclude_tables: optional(list(tablePattern), 'tables whose rows are left out; their definitions stay', 'none'),
      include_schema: defaulted(flag, true, 'definitions'),
      include_data: defaulted(flag, true, 'rows'),
    }),
    'options of the dump',
    'a custom-format dump of everything',
  ),
});

const mysqlSettings = optional(
  block({
    single_transaction: defaulted(flag, true, 'one consistent snapshot for all tables'),
    lock_tables: defaulted(flag, false, 'lock tables instead'),
    compress: defaulted(flag, true, 'compress between server and tool'),
    exclude_tables: optional(list(tablePattern), 'tables whose rows are left out; their definitions stay', 'none'),
  }),
  'options of the dump',
  'one transaction, no locks',
);

const mysql = block({
  ...common,
  engine,
  type: required(choice('tool', ['mysqldump']), 'tool that takes the backup'),
  settings: mysqlSettings,
});

const mariadb = block({
  ...common,
  engine,
  type: required(choice('tool', ['mariadb-dump', 'mysqldump']), 'tool that takes the backup'),
  settings: mysqlSettings,
});

const sqlserver = block({
  ...common,
  engine,
  type: required(choice('tool', ['sqlcmd']), 'tool that takes the backup'),
  settings: optional(
    block({
      backup_type: defaulted(choice('backup type', ['full', 'differential', 'log']), 'full', 'type of a run by hand'),
      compression: defaulted(flag, true, 'WITH COMPRESSION'),
      checksum: defaulted(flag, true, 'WITH CHECKSUM'),
      copy_only: defaulted(flag, false, 'WITH COPY_ONLY: such a backup cannot be a base'),
    }),
    'options of BACKUP DATABASE',
    'full, compressed, with checksum',
  ),
});

/** A database: its engine follows from `type`, or `engine` where both are given they must agree. */
export const databaseSet = variant(
  'engine',
  '`type` (and `engine`, where it is given)',
  { postgresql, mysql, mariadb, sqlserver },
  chooseEngine,
);

export type DatabaseSetSpec = Typed<typeof databaseSet>;

function chooseEngine(value: ObjectValue, path: string, context: DecodeContext) {
  const type = value.entries.get('type')?.value;
  const said = value.entries.get('engine')?.value;
  const explicit = said && engineName.decode(said, childPath(path, 'engine'), context);
  if (said && !explicit) return undefined;
  if (!type) {
    if (explicit) return explicit;
    if (value.damaged || reportMisspelt('type', value, Object.keys(postgresql.shape.fields), path, context)) return undefined;
    context.report({
      code: 'DR2003',
      path: childPath(path, 'type'),
      span: { ...value.span, end: value.span.start + 1 },
      message: '"type" is missing',
      fix: `add type: ${TOOLS.map((tool) => `"${tool}"`).join(' or ')}`,
    });
    return undefined;
  }
  const tool = toolName.decode(type, childPath(path, 'type'), context);
  if (!tool) return undefined;
  const fits =
    explicit === undefined || explicit === ENGINE_OF[tool] || (tool === 'mysqldump' && explicit === 'mariadb');
  if (fits) return explicit ?? ENGINE_OF[tool];
  context.report({
    code: 'DR2005',
    path: childPath(path, 'engine'),
    ...(said && { span: said.span }),
    message: `engine "${explicit}" is not what type "${tool}" backs up`,
    fix: `leave engine out, or choose a type for ${explicit}`,
  });
  return undefined;
}
