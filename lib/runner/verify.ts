import type { BackupManifest, LedgerEntry, TaskManifest } from '../contract';
import { expiriesOf, sortHistory } from './chain';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import { readLedger } from './history';
import type { Place } from './history';
import type { Machine } from './machine';
import { decodeManifest, encodeLedgerEntry, readAll } from './manifest';
import type { StoredManifest } from './manifest';
import { dataFolder, ledgerKey, listPrefix, readManifestKey } from './object-key';
import { closePlaces, openPlaces } from './places';
import type { StoredObject } from './store/store';
import { StoreError } from './store/store';

/** Something that is not as the manifest or the ledger says. */
export interface VerifyFinding {
  readonly store: string;
  readonly key: string;
  readonly kind: 'missing' | 'size' | 'checksum' | 'unreadable' | 'tampered' | 'unreachable';
  readonly message: string;
}

export interface VerifyOutcome {
  readonly exit: ExitCode;
  readonly verified: readonly {
    readonly store: string;
    readonly slot: string;
    readonly type: string;
    readonly already: boolean;
  }[];
  readonly findings: readonly VerifyFinding[];
}

/**
 * `verify --quick`, under an identity that is not the writer's: each object of each manifest that the ledger does not
 * hold yet is looked at by HEAD, and what agrees is written into the ledger with the versions that were seen. What the
 * ledger holds already is looked at again by its versions: a later version or a delete marker is reported, and changes
 * nothing.
 */
export async function verifyQuick(task: TaskManifest, machine: Machine): Promise<VerifyOutcome> {
  const { places, dropped } = await openPlaces(task, machine);
  const verified: VerifyOutcome['verified'][number][] = [];
  const findings: VerifyFinding[] = dropped.map(({ store, why }) => ({
    store,
    key: '',
    kind: 'unreachable',
    message: why,
  }));
  try {
    for (const place of places) {
      try {
        const answer = await verifyPlace(place, task, machine);
        verified.push(...answer.verified);
        findings.push(...answer.findings);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        findings.push({ store: place.store.id, key: '', kind: 'unreachable', message: error.message });
      }
    }
  } finally {
    await closePlaces(places);
  }
  for (const { store, key, kind, message } of findings) {
    machine.log({ level: 'error', event: `verify_${kind}`, message: `${store} ${key}: ${message}`, task: task.name });
  }
  return { exit: exitOf(findings), verified, findings };
}

function exitOf(findings: readonly VerifyFinding[]): ExitCode {
  if (findings.length === 0) return EXIT.success;
  return findings.every((one) => one.kind === 'unreachable') ? EXIT.retry : EXIT.damaged;
}

/** The same for one place. */
export async function verifyPlace(place: Place, task: TaskManifest, machine: Machine) {
  const { store } = place;
  const findings: VerifyFinding[] = [];
  const verified: VerifyOutcome['verified'][number][] = [];
  const report = (key: string, kind: VerifyFinding['kind'], message: string) =>
    findings.push({ store: store.id, key, kind, message });
  const versions = await versionsUnder(place);
  const ledger = await readLedger(place, task.name);
  for (const { key, why } of ledger.unreadable) report(key, 'unreadable', why);
  const known = new Map(ledger.entries.map((one) => [one.entry.manifestKey, one]));

  const expiries = expiriesOf(sortHistory(ledger.entries));
  for (const entry of known.values()) {
    const over = (expiries.get(entry.sha256) ?? Infinity) <= machine.now().getTime();
    // Gone as a whole after its time: pruned, as it should be.
    if (over && !versions.has(entry.entry.manifestKey)) continue;
    for (const object of entry.entry.objects) checkKept(object, versions.get(object.key) ?? [], report);
    verified.push({ store: store.id, slot: entry.manifest.slot, type: entry.manifest.type, already: true });
  }
  for (const [key, history] of versions) {
    const name = readManifestKey(key);
    if (!name || known.has(key)) continue;
    const [first, ...later] = history;
    if (!first) continue;
    if (later.length > 0)
      report(
        key,
        'tampered',
        'the manifest was written or deleted again before it was verified; the first version counts',
      );
    const decoded = decodeManifest(
      await readAll(await store.read(key, { ...(first.version !== undefined && { version: first.version }) })),
    );
    if ('why' in decoded) {
      report(key, 'unreadable', decoded.why);
      continue;
    }
    if (decoded.manifest.task !== task.name) continue;
    if (decoded.manifest.slot !== name.slot || decoded.manifest.type !== name.type) {
      report(key, 'tampered', 'the manifest speaks of another slot or type than its name');
      continue;
    }
    const objects = await checkObjects(place, key, decoded, versions, report);
    if (!objects) continue;
    const kept: LedgerEntry['objects'] = [
      { key, bytes: first.bytes, ...(first.version !== undefined && { version: first.version }) },
      ...objects,
    ];
    const entry = encodeLedgerEntry({
      version: 1,
      store: store.id,
      manifestKey: key,
      manifestSha256: decoded.sha256,
      manifest: decoded.bytes.toString('utf8'),
      verifiedAt: machine.now().toISOString(),
      method: 'head',
      objects: kept,
    });
    await store.create(ledgerKey(task.name, key), entry, { contentType: 'application/json' });
    verified.push({ store: store.id, slot: name.slot, type: name.type, already: false });
    machine.log({
      level: 'info',
      event: 'backup_verified',
      message: `${store.url}/${key}`,
      task: task.name,
      slot: name.slot,
    });
  }
  return { verified, findings };
}

/** Versions and delete markers under a data set's path, by key, oldest first. */
async function versionsUnder({ store, path }: Place): Promise<ReadonlyMap<string, readonly StoredObject[]>> {
  const versions = new Map<string, StoredObject[]>();
  for await (const object of store.list(listPrefix(path), { versions: 'all' })) {
    if (object.key.startsWith('_')) continue;
    versions.set(object.key, [...(versions.get(object.key) ?? []), object]);
  }
  for (const history of versions.values())
    history.sort((a, b) => a.modified.getTime() - b.modified.getTime() || Number(a.latest) - Number(b.latest));
  return versions;
}

type ReportFinding = (key: string, kind: VerifyFinding['kind'], message: string) => void;

/** @returns the objects as they were seen, or `undefined` after a report */
async function checkObjects(
  { store }: Place,
  manifestKey: string,
  { manifest }: StoredManifest,
  versions: ReadonlyMap<string, readonly StoredObject[]>,
  report: ReportFinding,
): Promise<LedgerEntry['objects'] | undefined> {
  const folder = dataFolder(manifestKey, manifest.attempt);
  const objects: LedgerEntry['objects'][number][] = [];
  let sound = true;
  for (const segment of segmentsIn(manifest, store.id, () => {
    sound = false;
    report(manifestKey, 'missing', `the manifest says that ${store.id} does not hold all of its streams`);
  })) {
    const key = `${folder}/${segment.name}`;
    const [first, ...later] = versions.get(key) ?? [];
    const seen = first && (await store.head(key, first.version));
    if (!first || !seen || first.deleteMarker) {
      sound = false;
      report(key, 'missing', 'the manifest names it, and it is not there');
      continue;
    }
    if (later.length > 0) report(key, 'tampered', 'it was written or deleted again; the first version counts');
    if (seen.bytes !== segment.bytes) {
      sound = false;
      report(key, 'size', `it has ${seen.bytes} bytes and should have ${segment.bytes}`);
      continue;
    }
    const receipt = segment.receipts.find((one) => one.store === store.id);
    if (receipt?.checksum !== undefined && seen.checksum !== undefined && receipt.checksum !== seen.checksum) {
      sound = false;
      report(key, 'checksum', `the store computes ${seen.checksum} and said ${receipt.checksum} when it took it`);
      continue;
    }
    objects.push({
      key,
      bytes: seen.bytes,
      ...(seen.version !== undefined && { version: seen.version }),
      ...(seen.checksum !== undefined && { checksum: seen.checksum }),
    });
  }
  return sound ? objects : undefined;
}

function segmentsIn(manifest: BackupManifest, store: string, lacking: () => void) {
  return manifest.streams.flatMap((stream) => {
    const encoding = stream.encodings.find((one) => one.stores.includes(store));
    if (!encoding) lacking();
    return encoding?.segments ?? [];
  });
}

/** What was verified once is still there under its version, and nothing lies over it. */
function checkKept(
  object: LedgerEntry['objects'][number],
  history: readonly StoredObject[],
  report: ReportFinding,
): void {
  const kept = history.find((one) => object.version === undefined || one.version === object.version);
  if (!kept || kept.deleteMarker) {
    report(object.key, 'missing', 'it was verified once and is gone');
    return;
  }
  if (kept.bytes !== object.bytes)
    report(object.key, 'size', `it has ${kept.bytes} bytes and had ${object.bytes} when it was verified`);
  const over = history.filter((one) => one !== kept && one.modified >= kept.modified);
  for (const later of over) {
    report(
      object.key,
      'tampered',
      later.deleteMarker
        ? 'a delete marker lies over it; restores ignore it'
        : 'a later version lies over it; restores ignore it',
    );
  }
}
