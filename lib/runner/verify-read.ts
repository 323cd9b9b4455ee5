import type { BackupStream, TaskManifest } from '../contract';
import { agesIn } from './age';
import { EngineError } from './engine/engine';
import type { VerifiedBackup } from './copy/source';
import type { Place } from './history';
import type { Machine } from './machine';
import { readAll, sha256Of } from './manifest';
import { encodingAt, placedBy, sizesBy } from './placement';
import { clockText } from './progress/amounts';
import { pointsOf } from './restore/point';
import { surveyPlace } from './restore/survey';
import { StoreError } from './store/store';
import { IDENTITY_VARIABLE } from './stream/age';
import { readBack } from './stream/read-back';
import { readSegments } from './stream/read-segments';
import type { ReportFinding, VerifyFinding } from './verify';
import { findStrays } from './verify-strays';

/** What was read of a place. */
export interface ReadCount {
  readonly backups: number;
  readonly bytes: number;
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
  const report: ReportFinding = (key, kind, message) => {
    const isTold = [...told, ...findings].some(
      (one) => one.key === key && one.kind === kind && one.message === message,
    );
    if (!isTold) findings.push({ store: store.id, key, kind, message });
  };
  const survey = await surveyPlace(place, task, machine.now());
  for (const { key, why } of survey.suspected) report(key, 'tampered', why);
  const isNamed = (why: string) => told.some(({ key }) => key !== '' && why.includes(key));
  for (const { key, why } of survey.lost)
    if (!isNamed(why) && !told.some((one) => one.key.endsWith(key))) report(key, 'lost', why);
  const lost = new Set(survey.lost.map(({ stored }) => stored?.sha256));
  for (const { stored, why } of pointsOf([survey]).broken) {
    // What lacks is told as a hole, once for all that hangs on it.
    if (!stored || lost.has(stored.sha256) || /is not verified here$|which it needs: /.test(why)) continue;
    report(stored.entry.manifestKey, 'crossed', why);
  }
  let bytes = 0;
  for (const backup of survey.sound) bytes += await readBackup(backup, place, machine, report);
  for (const { key, why } of await findStrays(place, task.name, machine.now())) report(key, 'stray', why);
  for (const { type, ageSeconds, allowedSeconds } of await agesIn(place, task, machine.now())) {
    if (ageSeconds !== undefined && ageSeconds <= allowedSeconds) continue;
    const age =
      ageSeconds === undefined ? 'there is no verified' : `${clockText(ageSeconds)} is the age of the newest verified`;
    report('', 'stale', `${age} ${type}, and it should be at most ${clockText(allowedSeconds)}`);
  }
  return { read: { backups: survey.sound.length, bytes }, findings };
}

/** @returns stored bytes that were read */
async function readBackup(
  { entry, manifest }: VerifiedBackup,
  place: Place,
  machine: Machine,
  report: ReportFinding,
): Promise<number> {
  const { store } = place;
  const [own] = entry.objects;
  const guarded = async (key: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      machine.signal.throwIfAborted();
      const kind = error instanceof StoreError ? error.kind : undefined;
      if (kind !== 'damaged' && kind !== 'missing') throw error;
      report(key, kind === 'missing' ? 'missing' : 'checksum', (error as Error).message);
    }
  };
  await guarded(entry.manifestKey, async () => {
    const version = own?.key === entry.manifestKey ? own.version : undefined;
    const bytes = await readAll(await store.read(entry.manifestKey, { ...(version !== undefined && { version }) }));
    if (sha256Of(bytes) !== entry.manifestSha256)
      report(entry.manifestKey, 'checksum', 'its bytes are not those that were verified; the ledger has them');
  });
  for (const { key, version, bytes, checksum } of entry.objects) {
    const seen = await store.head(key, version);
    if (
      seen &&
      seen.bytes === bytes &&
      (checksum === undefined || seen.checksum === undefined || seen.checksum === checksum)
    )
      continue;
    if (seen)
      report(
        key,
        'checksum',
        `the store says ${seen.bytes} bytes and ${seen.checksum ?? 'no checksum'}, and said ${bytes} and ${checksum}`,
      );
  }
  let read = 0;
  for (const stream of manifest.streams) {
    await guarded(entry.manifestKey, async () => {
      for await (const chunk of bytesOf(stream, entry, place, machine)) void chunk;
    });
    read += encodingAt(stream, store.id, sizesBy(placedBy(entry)))?.bytes ?? 0;
  }
  return read;
}

/** As the engine wrote them; what is encrypted to a recipient as it is stored, where this host has no identity. */
function bytesOf(
  stream: BackupStream,
  entry: VerifiedBackup['entry'],
  { store }: Place,
  machine: Machine,
): AsyncIterable<Uint8Array> {
  const placed = placedBy(entry);
  const encoding = encodingAt(stream, store.id, sizesBy(placed));
  if (!encoding) throw new EngineError('source', `no encoding of ${stream.name}`);
  if (encoding.encryption === 'age' && !machine.environment[IDENTITY_VARIABLE])
    return readSegments(encoding, store, { folder: '', placed, signal: machine.signal });
  return readBack(stream, store, { folder: '', placed, machine }) as AsyncIterable<Uint8Array>;
}
