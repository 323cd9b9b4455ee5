import type { LedgerEntry, TaskManifest } from '../contract';
import { expiriesOf, sortHistory } from './chain';
import { readLedger } from './history';
import type { Place } from './history';
import type { Machine } from './machine';
import { decodeManifest, encodeLedgerEntry, readAll } from './manifest';
import { ledgerKey, readManifestKey } from './object-key';
import type { VerifyFinding, VerifyOutcome } from './verify';
import { checkKept } from './verify-kept';
import { checkObjects } from './verify-objects';
import { versionsUnder } from './versions';

/** Verifies one place. */
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
