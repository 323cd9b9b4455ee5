import type { BackupType, EngineName, TaskRun } from '../contract';
import type { BackupTypeSpec, GeneralSpec } from '../spec';
import { intervalDays } from '../units';
import type { Cadence } from '../units';

type Types = GeneralSpec['types'];
const ORDER: readonly BackupType[] = ['full', 'incremental', 'differential', 'log'];

/**
 * What an engine runs for a type of the spec; `undefined` where it has nothing like it.
 * pg_dump and mysqldump know only whole dumps; what MySQL and SQL Server have between two of them are their logs.
 */
const RUNS: Readonly<Record<EngineName, Readonly<Record<BackupType, BackupType | undefined>>>> = {
  postgresql: { full: 'full', incremental: 'full', differential: 'full', log: undefined },
  mysql: { full: 'full', incremental: 'log', differential: 'full', log: 'log' },
  mariadb: { full: 'full', incremental: 'log', differential: 'full', log: 'log' },
  sqlserver: { full: 'full', incremental: 'log', differential: 'differential', log: 'log' },
  files: { full: 'full', incremental: 'incremental', differential: 'differential', log: undefined },
};

export function runTypeOf(engine: EngineName, type: BackupType): BackupType | undefined {
  return RUNS[engine][type];
}

/** The types that the spec asks for, in a fixed order. */
export function typesOf(types: Types): readonly (readonly [BackupType, BackupTypeSpec])[] {
  return ORDER.flatMap((name) => {
    const type = types[name];
    return type ? [[name, type] as const] : [];
  });
}

/** A run before it has a start. */
export interface RunDraft extends Omit<TaskRun, 'schedule' | 'expectedSeconds'> {
  /** Weekday of a weekly run, day of a monthly one. */
  readonly day?: string | number;
  /** Day that belongs to the full backup. */
  readonly notOn?: string | number;
}

/** The runs of a data set: types that come to the same kind of run at the same times are one, with the longest retention. */
export function runsOf(
  engine: EngineName,
  general: GeneralSpec,
  dataSet: string,
  lockDays: LockDays,
): readonly RunDraft[] {
  const full = general.types.full;
  const groups = new Map<string, { run: BackupType; types: [BackupType, BackupTypeSpec][] }>();
  for (const [name, type] of typesOf(general.types)) {
    const run = runTypeOf(engine, name);
    if (!run) continue;
    const cadence = plainCadence(type.frequency);
    const key = JSON.stringify([run, cadence, dayOf(type)]);
    const group = groups.get(key) ?? { run, types: [] };
    group.types.push([name, type]);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ run, types }) => {
    const [first] = types as [[BackupType, BackupTypeSpec]];
    const names = types.map(([name]) => name);
    const spec = first[1];
    return {
      id: `task.${dataSet}.run.${names.join('-')}`,
      from: names.flatMap((name) => RUN_KEYS.map((key) => `backup.general.types.${name}.${key}`)).sort(),
      type: run,
      for: names,
      cadence: plainCadence(spec.frequency),
      ...dayOf(spec),
      ...(full && !names.includes('full') && yieldsToFull(spec, full)
        ? { notOn: full.day ?? defaultDay(plainCadence(full.frequency)) }
        : {}),
      retentionDays: Math.max(...types.map(([, type]) => type.retention)),
      lockDays: Math.max(...names.map((name) => lockDays(name))),
      compression: spec.compression,
      encryption: types.some(([, type]) => type.encryption),
    };
  });
}

/** Keys of a type that decide a run, one by one, so that a line is traced to what it decides and to nothing else. */
const RUN_KEYS = ['compression', 'day', 'encryption', 'frequency', 'retention'] as const;

export type LockDays = (type: BackupType) => number;

/** `24h` is daily and `7d` weekly: the same dates are the same cadence. */
function plainCadence(cadence: Cadence): Cadence {
  if (cadence.kind !== 'every') return cadence;
  const named = { 3600: 'hourly', 86400: 'daily', 604800: 'weekly' } as const;
  const kind = named[cadence.seconds as keyof typeof named];
  return kind ? { kind } : cadence;
}

function dayOf(type: BackupTypeSpec): { day?: string | number } {
  const { kind } = plainCadence(type.frequency);
  return kind === 'weekly' || kind === 'monthly' ? { day: type.day ?? defaultDay({ kind }) } : {};
}

function defaultDay(cadence: Cadence): string | number {
  return cadence.kind === 'monthly' ? 1 : 'sunday';
}

/** Daily increments do not run on the day of the weekly or monthly full. */
function yieldsToFull(type: BackupTypeSpec, full: BackupTypeSpec): boolean {
  const { kind } = plainCadence(full.frequency);
  return plainCadence(type.frequency).kind === 'daily' && (kind === 'weekly' || kind === 'monthly');
}

/** Days between two backups of a type, at most. */
export function intervalDaysOf(type: BackupTypeSpec): number {
  return intervalDays(type.frequency);
}
