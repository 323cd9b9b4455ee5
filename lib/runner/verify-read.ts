import type { BackupStream, TaskManifest } from '../contract';
import { agesIn } from './age';
import { expiriesOf, sortHistory } from './chain';
import { EngineError } from './engine/engine';
import type { LogWalk } from './engine/mysql-log-walk';
import type { VerifiedBackup } from './copy/source';
import type { Place } from './history';
import type { Machine } from './machine';
import { readAll, sha256Of } from './manifest';
import { encodingAt, placedBy, sizesBy } from './placement';
import { clockText } from './progress/amounts';
import { pointsOf } from './restore/point';
import { surveyPlace } from './restore/survey';
import { isArchived } from './store/archive';
import { StoreError } from './store/store';
import { IDENTITY_VARIABLE } from './stream/age';
import { readBack } from './stream/read-back';
import { readSegments } from './stream/read-segments';
import type { ReportFinding, VerifyFinding } from './verify';
import { walkFor, wrongLogs } from './verify-logs';
import type { LogsRead } from './verify-logs';
import { findStrays } from './verify-strays';

/** What was read of a place. */
export interface ReadCount {
  readonly backups: number;
  readonly bytes: number;
  /** Not read, or not all of it: it lies in an archive, and is judged by what the store says of it. */
  readonly archived: { readonly backups: number; readonly bytes: number };
}

export function sumOf(counts: readonly ReadCount[]): ReadCount {
  const sum = (of: (one: ReadCount) => number) => counts.reduce((all, one) => all + of(one), 0);
  return {
    backups: sum((one) => one.backups),
    bytes: sum((one) => one.bytes),
    archived: { backups: sum((one) => one.archived.backups), bytes: sum((one) => one.archived.bytes) },
  };
}

/**
 * Reads again, by their versions, all objects of every backup that the ledger of a place vouches for, and compares
 * them with all that manifest, ledger and store know: sizes and hashes of segments, of streams before and after
 * compression, the manifest's own bytes, what the store computes. Says what is broken, strange or stale beside that.
 * @param told - what a look at the listing has found already
 */
export async function readPlace(
  place: Place,
  task: TaskManifest,
  machine: Machine,
  told: readonly VerifyFinding[],
): Promise<{ readonly read: ReadCount; readonly findings: readonly VerifyFinding[] }> {
  const { store } = place;
  const findings: VerifyFinding[] = [];
  const line = (...one: readonly string[]) => one.join('\n');
  const known = new Set(told.map(({ key, kind, message }) => line(key, kind, message)));
  const report: ReportFinding = (key, kind, message) => {
    if (!known.has(line(key, kind, message))) findings.push({ store: store.id, key, kind, message });
  };
  const survey = await surveyPlace(place, task, machine.now());
  for (const { key, why } of survey.suspected) report(key, 'tampered', why);
  for (const { key, why } of survey.lost) report(key, 'lost', `no restore can use it from here: ${why}`);
  const { broken } = pointsOf([survey]);
  const toldOf = new Set(told.filter(({ kind }) => kind === 'crossed').map(({ key }) => key));
  for (const stored of survey.sound) {
    const found = broken.find((one) => one.stored === stored);
    // What lacks is told as a hole, and a broken link as itself, once for all that hangs on it.
    if (!found || toldOf.has(stored.entry.manifestKey) || /is not verified here$|which it needs: /.test(found.why))
      continue;
    report(stored.entry.manifestKey, 'crossed', found.why);
  }
  const read: BackupRead[] = [];
  const unusable = new Set<string>();
  const byHash = new Map(survey.sound.map((one) => [one.sha256, one.manifest]));
  const expiries = expiriesOf(sortHistory(survey.sound), place.keptDays);
  for (const backup of survey.sound) {
    const found: Parameters<ReportFinding>[] = [];
    const reading: Reading = { place, machine, report: (...said) => void found.push(said), unusable };
    const one = await readBackup(backup, reading);
    const wrong = wrongLogs(backup.manifest, byHash.get(backup.manifest.parent?.sha256 ?? ''), one.logs);
    if (wrong !== undefined)
      found.push([
        backup.entry.manifestKey,
        'crossed',
        `its logs are not those of which it speaks: ${wrong}; no restore should go by them: take a full`,
      ]);
    const isDue = (expiries.get(backup.sha256) ?? Infinity) <= machine.now().getTime();
    if (isDue && !(await isThere(place, backup))) continue;
    read.push(one);
    for (const said of found) report(...said);
  }
  for (const { key, why } of await findStrays(place, task.name, machine.now())) report(key, 'stray', why);
  for (const { type, ageSeconds, allowedSeconds } of await agesIn(place, task, machine.now())) {
    if ((ageSeconds ?? Infinity) <= allowedSeconds) continue;
    const age =
      ageSeconds === undefined ? 'there is no verified' : `${clockText(ageSeconds)} is the age of the newest verified`;
    report('', 'stale', `${age} ${type}, and it should be at most ${clockText(allowedSeconds)}`);
  }
  return { read: countOf(read), findings };
}

/**
 * What prunes takes the manifest first: a backup without one, after its time, was pruned while it was read. One that may
 * not be looked at is there for all that is known.
 */
async function isThere({ store }: Place, { entry }: VerifiedBackup): Promise<boolean> {
  try {
    return (await store.head(entry.manifestKey, entry.objects[0]?.version)) !== undefined;
  } catch (error) {
    if (!isDenied(error)) throw error;
    return true;
  }
}

function isDenied(error: unknown): error is StoreError {
  return error instanceof StoreError && error.kind === 'denied';
}

/** Stored bytes of one backup. */
interface BackupRead {
  readonly read: number;
  readonly archived: number;
  /** Whether some of it may not be read here, which says nothing of what is stored. */
  readonly barred: boolean;
  /** Of binary logs that were read, oldest first. */
  readonly logs: LogsRead;
}

function countOf(all: readonly BackupRead[]): ReadCount {
  const cold = all.filter((one) => one.archived > 0);
  const bytes = (of: 'read' | 'archived') => all.reduce((sum, one) => sum + one[of], 0);
  return {
    backups: all.filter(({ archived, barred }) => archived === 0 && !barred).length,
    bytes: bytes('read'),
    archived: { backups: cold.length, bytes: bytes('archived') },
  };
}

interface Reading {
  readonly place: Place;
  readonly machine: Machine;
  readonly report: ReportFinding;
  /** Why this host can't unpack what is stored, each told once. */
  readonly unusable: Set<string>;
}

async function readBackup({ entry, manifest }: VerifiedBackup, reading: Reading): Promise<BackupRead> {
  const { place, report } = reading;
  const { store } = place;
  const cold = new Set<string>();
  const denials = new Map<string, StoreError>();
  for (const { key, version, checksum } of entry.objects) {
    const seen = await store.head(key, version).catch((error: unknown) => {
      if (!isDenied(error)) throw error;
      denials.set(key, error);
      return undefined;
    });
    if (seen && isArchived(seen)) cold.add(key);
    const now = seen?.checksum;
    if (checksum !== undefined && now !== undefined && now !== checksum)
      report(key, 'checksum', `the store computes ${now} and computed ${checksum} when it was verified`);
  }
  if (!cold.has(entry.manifestKey) && !denials.has(entry.manifestKey)) {
    const answer = await guarded(entry.manifestKey, reading, async () => {
      // The verifier writes the manifest first.
      const version = entry.objects[0]?.version;
      const bytes = await readAll(await store.read(entry.manifestKey, { ...(version !== undefined && { version }) }));
      if (sha256Of(bytes) !== entry.manifestSha256)
        report(entry.manifestKey, 'checksum', 'its bytes are not those that were verified; the ledger has them');
    });
    if (answer instanceof StoreError) denials.set(entry.manifestKey, answer);
  }
  let [read, archived] = [0, 0];
  const logs: LogsRead[number][] = [];
  for (const stream of manifest.streams) {
    const placed = placedBy(entry);
    const encoding = encodingAt(stream, store.id, sizesBy(placed));
    const bytes = encoding?.bytes ?? 0;
    const keys = encoding?.segments.map(({ name }) => placed(name)?.key ?? '') ?? [];
    // No part of a stream tells whether the whole is what it was.
    if (keys.some((key) => denials.has(key))) continue;
    const isCold = keys.some((key) => cold.has(key));
    const answer = isCold
      ? 'archived'
      : await guarded(entry.manifestKey, reading, async () => {
          const facts = await readStream(stream, { entry, manifest }, reading);
          if (facts) logs.push(facts);
        });
    if (answer instanceof StoreError) denials.set(keys[0] ?? entry.manifestKey, answer);
    else if (answer === 'archived') archived += bytes;
    else read += bytes;
  }
  const [first] = denials;
  if (first) {
    const [key, { message }] = first;
    const more = denials.size > 1 ? ` (and so are ${denials.size - 1} more objects of this backup)` : '';
    report(key, 'config', `not permitted to be read, and no word on what is stored: ${message}${more}`);
  }
  return { read, archived, barred: denials.size > 0, logs };
}

/**
 * Tells of what the store has not as it was; `archived`: it has it, and nobody can read it now. What may not be read is
 * handed back: it is neither missing nor damaged, and keeps nobody from reading the rest.
 */
async function guarded(
  key: string,
  { report }: Reading,
  work: () => Promise<void>,
): Promise<'done' | 'archived' | StoreError> {
  try {
    await work();
  } catch (error) {
    if (isDenied(error)) return error;
    const { kind } = error as Partial<StoreError>;
    if (kind === 'archived') return 'archived';
    if (kind !== 'damaged' && kind !== 'missing') throw error;
    report(key, kind === 'missing' ? 'missing' : 'checksum', (error as Error).message);
  }
  return 'done';
}

/**
 * As the engine wrote it; as it is stored, where this host has no identity or tool that opens it.
 * @returns of a binary log that was opened, what its events say
 */
async function readStream(
  stream: BackupStream,
  { entry, manifest }: Pick<VerifiedBackup, 'entry' | 'manifest'>,
  { place: { store }, machine, report, unusable }: Reading,
): Promise<LogsRead[number] | undefined> {
  const options = { folder: '', placed: placedBy(entry) };
  const encoding = encodingAt(stream, store.id, sizesBy(options.placed));
  const stored = () => encoding && drain(readSegments(encoding, store, { ...options, signal: machine.signal }));
  if (encoding?.encryption === 'age' && !machine.environment[IDENTITY_VARIABLE]) return stored();
  const walk = walkFor(stream, manifest);
  try {
    await drain(readBack(stream, store, { ...options, machine }) as AsyncIterable<Uint8Array>, walk);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (error.kind !== 'config') throw new StoreError('retry', error.message, { cause: error });
    const why = `${error.message}; ${error.fix}`;
    if (!unusable.has(why)) report('', 'config', why);
    unusable.add(why);
    return stored();
  }
  return walk?.end();
}

async function drain(chunks: AsyncIterable<Uint8Array>, walk?: LogWalk): Promise<undefined> {
  for await (const chunk of chunks) walk?.add(chunk);
  return undefined;
}
