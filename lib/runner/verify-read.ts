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
  const line = (...one: readonly string[]) => one.join('\n');
  const known = new Set(told.map(({ key, kind, message }) => line(key, kind, message)));
  const report: ReportFinding = (key, kind, message) => {
    if (!known.has(line(key, kind, message))) findings.push({ store: store.id, key, kind, message });
  };
  const survey = await surveyPlace(place, task, machine.now());
  for (const { key, why } of survey.suspected) report(key, 'tampered', why);
  for (const { key, why } of survey.lost) report(key, 'lost', `no restore can use it from here: ${why}`);
  const { broken } = pointsOf([survey]);
  for (const stored of survey.sound) {
    const found = broken.find((one) => one.stored === stored);
    // What lacks is told as a hole, once for all that hangs on it.
    if (!found || /is not verified here$|which it needs: /.test(found.why)) continue;
    report(stored.entry.manifestKey, 'crossed', found.why);
  }
  let bytes = 0;
  for (const backup of survey.sound) bytes += await readBackup(backup, place, machine, report);
  for (const { key, why } of await findStrays(place, task.name, machine.now())) report(key, 'stray', why);
  for (const { type, ageSeconds, allowedSeconds } of await agesIn(place, task, machine.now())) {
    if ((ageSeconds ?? Infinity) <= allowedSeconds) continue;
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
      // Of this host, such as an identity that is another's: no word on what is stored.
      if (error instanceof EngineError)
        throw new StoreError('refused', `${error.message}; ${error.fix}`, { cause: error });
      const { kind } = error as Partial<StoreError>;
      if (kind !== 'damaged' && kind !== 'missing') throw error;
      report(key, kind === 'missing' ? 'missing' : 'checksum', (error as Error).message);
    }
  };
  await guarded(entry.manifestKey, async () => {
    // The verifier writes the manifest first.
    const version = own?.version;
    const bytes = await readAll(await store.read(entry.manifestKey, { ...(version !== undefined && { version }) }));
    if (sha256Of(bytes) !== entry.manifestSha256)
      report(entry.manifestKey, 'checksum', 'its bytes are not those that were verified; the ledger has them');
  });
  for (const { key, version, checksum } of entry.objects) {
    const now = (await store.head(key, version))?.checksum;
    if (checksum !== undefined && now !== undefined && now !== checksum)
      report(key, 'checksum', `the store computes ${now} and computed ${checksum} when it was verified`);
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
  if (encoding?.encryption === 'age' && !machine.environment[IDENTITY_VARIABLE])
    return readSegments(encoding, store, { folder: '', placed, signal: machine.signal });
  return readBack(stream, store, { folder: '', placed, machine }) as AsyncIterable<Uint8Array>;
}
