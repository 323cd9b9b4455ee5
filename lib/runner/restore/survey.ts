import type { BackupManifest, LedgerEntry, TaskManifest } from '../../contract';
import { expiriesOf, isFromFuture, sortHistory } from '../chain';
import type { VerifiedBackup } from '../copy/source';
import type { Place } from '../history';
import { ledgerKey, readManifestKey } from '../object-key';
import { encodingsAt, placedBy, sizesBy } from '../placement';
import { isMarked, pastTheirTime } from '../past-time';
import type { StoredObject } from '../store/store';
import type { VerifyFinding } from '../verify';
import { checkKept } from '../verify-kept';
import { versionsUnder } from '../versions';
import type { Versions } from '../versions';
import { readFirstLedger } from './ledger';
import { nameOf } from './link';

/** What a place can give to a restore, as far as its ledger and its listings tell: nothing of the data was read yet. */
export interface Survey {
  readonly place: Place;
  /** What was verified here and still lies here, oldest first; whether chains are complete is not looked at. */
  readonly sound: readonly VerifiedBackup[];
  /** What the ledger speaks of and can't be restored from here, with the cause. */
  readonly lost: readonly LostBackup[];
  /** What lies over or beside what was verified: restores see through it. */
  readonly suspected: readonly { readonly key: string; readonly why: string }[];
  /** Published here and not verified: no restore follows it. */
  readonly unverified: readonly string[];
  /** Objects here that lie, or lay, in an archive. */
  readonly cold: readonly StoredObject[];
}

export interface LostBackup {
  /** Of the manifest. */
  readonly key: string;
  readonly slot: string;
  readonly type: string;
  /** @default - its ledger entry can't be read */
  readonly stored?: VerifiedBackup;
  readonly why: string;
}

/** Looks at the ledger and the versions of everything in a place. Failures of the store are StoreErrors. */
export async function surveyPlace(place: Place, task: TaskManifest, now: Date): Promise<Survey> {
  const versions = await versionsUnder(place);
  const ledger = await readFirstLedger(place, task.name);
  const prefix = ledgerKey(task.name, '');
  const suspected: Survey['suspected'][number][] = [...ledger.suspected];
  const lost: LostBackup[] = ledger.unreadable.flatMap(({ key, why }) => {
    const manifestKey = key.slice(prefix.length);
    const name = readManifestKey(manifestKey);
    return name ? [{ key: manifestKey, ...name, why: `its entry in the ledger can't be read: ${why}` }] : [];
  });
  const sound: VerifiedBackup[] = [];
  const over = pastTheirTime(ledger.entries, now, place.keptDays);
  for (const one of stillDue(ledger.entries, versions, { now, keptDays: place.keptDays })) {
    const manifestKey = one.key.slice(prefix.length);
    const wrong = wrongName(one, manifestKey, task);
    const flaw = wrong ?? flawOf(one.entry, one.manifest, place, versions);
    const isOver = over.has(one.sha256);
    // What a lifecycle has begun to take of a backup that nobody needs any more is no loss.
    if (flaw !== undefined && isOver && isMarked(one.entry, versions)) continue;
    for (const object of one.entry.objects) {
      const history = (versions.get(object.key) ?? []).filter(({ deleteMarker }) => !(isOver && deleteMarker));
      overlaid(object, history, (key, why) => suspected.push({ key, why }));
    }
    if (flaw === undefined) sound.push(one);
    // What lay under a name before somebody put another entry there, nobody knows.
    else
      lost.push({ key: manifestKey, ...namedBy(manifestKey, one.manifest), ...(!wrong && { stored: one }), why: flaw });
    if (isFromFuture(one, now))
      suspected.push({
        key: manifestKey,
        why: 'it is from the future by its own words: it is never taken as the newest',
      });
  }
  const known = new Set([...ledger.entries, ...ledger.unreadable].map(({ key }) => key.slice(prefix.length)));
  const unverified = [...versions].filter(([key]) => readManifestKey(key) && !known.has(key)).map(([key]) => key);
  const cold = [...versions.values()].flat().filter((one) => one.archive !== undefined);
  return { place, sound: sortHistory(sound), lost, suspected, unverified, cold };
}

/** What is gone as a whole after its time was pruned, as it should be. */
function stillDue(
  entries: readonly VerifiedBackup[],
  versions: Versions,
  { now, keptDays }: { readonly now: Date } & Pick<Place, 'keptDays'>,
): readonly VerifiedBackup[] {
  const expiries = expiriesOf(sortHistory(entries), keptDays);
  return entries.filter(
    ({ sha256, entry }) => (expiries.get(sha256) ?? Infinity) > now.getTime() || versions.has(entry.manifestKey),
  );
}

function namedBy(key: string, manifest: BackupManifest): Pick<LostBackup, 'slot' | 'type'> {
  return readManifestKey(key) ?? { slot: manifest.slot, type: manifest.type };
}

/** An entry that was moved, or is about another data set. */
function wrongName({ entry, manifest }: VerifiedBackup, key: string, task: TaskManifest): string | undefined {
  const name = readManifestKey(key);
  if (entry.manifestKey !== key) return `its entry in the ledger is about ${entry.manifestKey}`;
  if (manifest.task !== task.name) return `its manifest is of task ${manifest.task}`;
  if (name?.slot !== manifest.slot || name.type !== manifest.type) return `its manifest is of ${nameOf(manifest)}`;
  if (familyOf(manifest.engine) !== familyOf(task.engine))
    return `its manifest is of ${manifest.engine}, and the task of ${task.engine}`;
  return undefined;
}

/** Engines whose backups the same tools read. */
export function familyOf(engine: TaskManifest['engine']): string {
  return engine === 'mariadb' ? 'mysql' : engine;
}

/** Every object that was verified is there in its version, and together they are all that the manifest speaks of. */
function flawOf(
  entry: LedgerEntry,
  manifest: BackupManifest,
  { store }: Place,
  versions: Versions,
): string | undefined {
  for (const object of entry.objects) {
    const kept = keptOf(object, versions);
    if (!kept || kept.deleteMarker) return `${object.key} was verified once and is gone`;
    if (kept.bytes !== object.bytes)
      return `${object.key} has ${kept.bytes} bytes and had ${object.bytes} when it was verified`;
    if (kept.checksum !== undefined && object.checksum !== undefined && kept.checksum !== object.checksum)
      return `${object.key}: the store computes ${kept.checksum} and computed ${object.checksum} when it was verified`;
  }
  const placed = placedBy(entry);
  const lacking = manifest.streams.find((one) => encodingsAt(one, store.id, sizesBy(placed)).length === 0);
  return lacking && `the ledger does not name all objects of stream ${lacking.name}`;
}

function keptOf({ key, version }: LedgerEntry['objects'][number], versions: Versions) {
  return (versions.get(key) ?? []).find((one) => version === undefined || one.version === version);
}

function overlaid(
  object: LedgerEntry['objects'][number],
  history: readonly StoredObject[],
  report: (key: string, why: string) => void,
): void {
  checkKept(object, history, (key, kind: VerifyFinding['kind'], message) => {
    if (kind === 'tampered') report(key, message);
  });
}
