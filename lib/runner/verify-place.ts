import type { BackupManifest, LedgerEntry, TaskManifest } from '../contract';
import { expiriesOf, sortHistory } from './chain';
import { readLedger } from './history';
import type { LedgerRead, Place } from './history';
import { lockClaim } from './lock-claim';
import type { Machine } from './machine';
import { decodeManifest, encodeLedgerEntry, tryRead } from './manifest';
import type { StoredManifest } from './manifest';
import { ledgerKey, readManifestKey, runKeys } from './object-key';
import { isMarked, pastTheirTime } from './past-time';
import { familyOf } from './restore/survey';
import { indexRunData } from './run-data';
import { fillPath, slotDate } from './slot';
import { unlessArchived } from './store/archive';
import type { StoredObject } from './store/store';
import type { ReportFinding, VerifyFinding, VerifyOutcome } from './verify';
import { reportFuture } from './verify-future';
import { reportHoles } from './verify-holes';
import { reportLinks } from './verify-links';
import type { PlacedManifest } from './verify-links';
import { checkKept } from './verify-kept';
import { checkObjects } from './verify-objects';
import type { Checked } from './verify-objects';
import { versionsUnder } from './versions';
import type { Versions } from './versions';

/** Verifies one place: what its ledger holds by its versions, what is new by its objects, and its chains. */
export async function verifyPlace(place: Place, task: TaskManifest, machine: Machine) {
  const { store } = place;
  const findings: VerifyFinding[] = [];
  const verified: VerifyOutcome['verified'][number][] = [];
  const report: ReportFinding = (key, kind, message) => findings.push({ store: store.id, key, kind, message });
  const versions = await versionsUnder(place);
  const data = indexRunData([...versions.values()].flat());
  const ledger = await readLedger(place, task.name);
  for (const { key, why } of ledger.unreadable) report(key, 'unreadable', why);
  const known: LedgerRead['entries'] = [...new Map(ledger.entries.map((one) => [one.entry.manifestKey, one])).values()];

  const over = pastTheirTime(known, machine.now(), place.keptDays);
  const there = stillThere(known, versions, { machine, keptDays: place.keptDays }).filter(
    ({ sha256, entry }) => !(over.has(sha256) && isMarked(entry, versions)),
  );
  // Over what nobody needs any more a lifecycle may put its markers.
  const versionsOf = (key: string, isOver: boolean) =>
    (versions.get(key) ?? []).filter(({ deleteMarker }) => !(isOver && deleteMarker));
  for (const { entry, manifest } of there) {
    for (const object of entry.objects)
      checkKept(object, versionsOf(object.key, over.has(entry.manifestSha256)), report);
    verified.push(verifiedIn(place, manifest, 'before'));
  }
  const added: PlacedManifest[] = [];
  const verifiedKeys = new Set(known.map((one) => one.entry.manifestKey));
  for (const [key, history] of versions) {
    if (!readManifestKey(key) || verifiedKeys.has(key)) continue;
    const [first] = history;
    const stored = first && (await readNew(place, task, key, history, report));
    if (!stored) continue;
    const checked = await checkObjects({ place, key, stored, versions, data }, machine.signal);
    for (const problem of checked.problems) report(problem.key, problem.kind, problem.message);
    if (!checked.objects) continue;
    await writeEntry(place, key, first, stored, { ...checked, objects: checked.objects }, machine);
    verified.push(verifiedIn(place, stored.manifest, 'now'));
    added.push({ ...stored, key });
  }
  reportHoles(sortHistory([...there, ...added]), machine.now(), report);
  const placed = there.map((one) => ({ ...one, key: one.entry.manifestKey }));
  reportLinks(sortHistory([...placed, ...added]), machine.now(), report);
  const seen = machine.now().toISOString();
  reportFuture([...there, ...added.map((one) => ({ ...one, verifiedAt: seen }))], report);
  return { verified, findings };
}

function verifiedIn({ store }: Place, manifest: BackupManifest, when: 'before' | 'now') {
  const lock = lockClaim(manifest, store);
  return {
    store: store.id,
    slot: manifest.slot,
    type: manifest.type,
    already: when === 'before',
    ...(lock && { lock }),
  };
}

/** Entries whose backups should be there; what is gone as a whole after its time was pruned, as it should be. */
function stillThere(
  entries: LedgerRead['entries'],
  versions: Versions,
  { machine, keptDays }: { readonly machine: Machine } & Pick<Place, 'keptDays'>,
): LedgerRead['entries'] {
  const expiries = expiriesOf(sortHistory(entries), keptDays);
  const now = machine.now().getTime();
  return entries.filter(
    ({ sha256, entry }) => (expiries.get(sha256) ?? Infinity) > now || versions.has(entry.manifestKey),
  );
}

/** The first version of a manifest that the ledger does not hold; `undefined` after a report, or if it is another's. */
async function readNew(
  { store, path }: Place,
  task: TaskManifest,
  key: string,
  [first, ...later]: readonly StoredObject[],
  report: ReportFinding,
): Promise<StoredManifest | undefined> {
  if (later.length > 0) {
    report(
      key,
      'tampered',
      'the manifest was written or deleted again before it was verified; the first version counts',
    );
  }
  const version = first?.version;
  const bytes = await unlessArchived(tryRead(store.read(key, { ...(version !== undefined && { version }) })));
  if (!bytes) {
    report(key, 'archived', 'it went into an archive before it was verified: thaw it, and verify again');
    return undefined;
  }
  if (bytes === 'gone') return undefined;
  if ('unreadable' in bytes) {
    report(key, 'unreadable', bytes.unreadable.message);
    return undefined;
  }
  const decoded = decodeManifest(bytes);
  if ('why' in decoded) {
    report(key, 'unreadable', decoded.why);
    return undefined;
  }
  if (decoded.manifest.task !== task.name) return undefined;
  const stranger = strangerTo(task, path, key, decoded.manifest);
  if (stranger !== undefined) report(key, 'tampered', stranger);
  return stranger === undefined ? decoded : undefined;
}

/**
 * Why no run of the task wrote a manifest, whatever it says of itself. One that lies elsewhere may be a copy of a real
 * one beside other data: by its hash, which it shares, restores would take that data for the backup's.
 */
function strangerTo(task: TaskManifest, path: string, key: string, manifest: BackupManifest): string | undefined {
  const { slot, type, attempt, engine } = manifest;
  const planned = slotDate(slot);
  if (!planned) return 'its slot is no moment that a calendar knows';
  const own = runKeys(fillPath(path, planned, task.window.timeZone), slot, type, attempt).manifest;
  if (own !== key) return `the manifest is of what a run of this task puts at ${own}`;
  if (familyOf(engine) !== familyOf(task.engine)) return `it is of ${engine}, and the task of ${task.engine}`;
  return undefined;
}

async function writeEntry(
  { store }: Place,
  key: string,
  { bytes, version }: StoredObject,
  { manifest, sha256, bytes: own }: StoredManifest,
  { method, objects }: Pick<Checked, 'method'> & { readonly objects: LedgerEntry['objects'] },
  machine: Machine,
): Promise<void> {
  const entry = encodeLedgerEntry({
    version: 1,
    store: store.id,
    manifestKey: key,
    manifestSha256: sha256,
    manifest: own.toString('utf8'),
    verifiedAt: machine.now().toISOString(),
    method,
    objects: [{ key, bytes, ...(version !== undefined && { version }) }, ...objects],
  });
  await store.create(ledgerKey(manifest.task, key), entry, { contentType: 'application/json' });
  machine.log({
    level: 'info',
    event: 'backup_verified',
    message: `${store.url}/${key}`,
    task: manifest.task,
    slot: manifest.slot,
    method,
  });
}
