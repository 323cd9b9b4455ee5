import type { TaskManifest } from '../contract';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import { writeFullRead } from './full-read';
import type { Place } from './history';
import type { LockClaim } from './lock-claim';
import type { Machine } from './machine';
import { closePlaces, openPlaces } from './places';
import { writeRecovery } from './recovery/write';
import { StoreError } from './store/store';
import { LOCAL } from './task';
import { verifyPlace } from './verify-place';
import { readPlace, sumOf } from './verify-read';
import type { ReadCount } from './verify-read';
import type { GoodRecord } from './record/read';
import { openRecordKeys, verifyRecords } from './verify-records';

/** Something that is not as the manifest or the ledger says. */
export interface VerifyFinding {
  readonly store: string;
  readonly key: string;
  readonly kind:
    | 'missing'
    | 'size'
    | 'checksum'
    | 'unreadable'
    | 'tampered'
    | 'hole'
    /** Dated after the clock of the verifier that saw it first: it is kept, and never the newest. */
    | 'future'
    | 'unreachable'
    /** It lies in an archive, and nobody verified it before. */
    | 'archived'
    /** Of this host, such as an identity that is another's: no word on what is stored. */
    | 'config'
    /** Parent and child are here and whole, and no restore can put one on the other. */
    | 'crossed'
    /** Of a full look: no restore can use it; of nothing that is here; too old. */
    | 'lost'
    | 'stray'
    | 'stale'
    /** Of a test restore or a drill: not what a known key signed, of something else, or not what the ledger says. */
    | 'record'
    /** Of one too: signed by a key that nobody named here, perhaps by somebody who may. It never counts. */
    | 'unknown_key';
  readonly message: string;
}

export type ReportFinding = (key: string, kind: VerifyFinding['kind'], message: string) => void;

export interface VerifyOutcome {
  readonly exit: ExitCode;
  readonly verified: readonly {
    readonly store: string;
    readonly slot: string;
    readonly type: string;
    readonly already: boolean;
    /** @default - the manifest says nothing of locks there */
    readonly lock?: LockClaim;
  }[];
  readonly findings: readonly VerifyFinding[];
  /** Of a full look: what was read. */
  readonly read?: ReadCount;
  /** Of each place, the newest record that is good. @default - no key was given: none was read */
  readonly records?: readonly { readonly store: string; readonly newest: GoodRecord | undefined }[];
}

/**
 * `verify --quick`, under an identity that is not the writer's: each object of each manifest that the ledger does not
 * hold yet is looked at by HEAD, and what agrees is written into the ledger with the versions that were seen. What the
 * ledger holds already is looked at again by its versions: a later version or a delete marker is reported, and changes
 * nothing. Chains are followed by manifests alone.
 * @param only - ids of the places that are meant; left out: all of the task, those that copies fill too
 */
export function verifyQuick(task: TaskManifest, machine: Machine, only?: readonly string[]): Promise<VerifyOutcome> {
  return verify(task, machine, { only, depth: 'quick' });
}

/** `verify --full`: the same, and then every object that the ledger vouches for is read again. */
export function verifyFull(task: TaskManifest, machine: Machine, only?: readonly string[]): Promise<VerifyOutcome> {
  return verify(task, machine, { only, depth: 'full' });
}

export interface VerifyOptions {
  readonly only: readonly string[] | undefined;
  readonly depth: 'quick' | 'full';
  /** Keys by which records of restores are known. @default - none is read */
  readonly recordKeys?: readonly string[];
  /** For tests. @default - as the task manifest names them */
  readonly open?: (task: TaskManifest) => ReturnType<typeof openPlaces>;
  /** For tests. @default - each kind of key as it is named */
  readonly openKey?: Parameters<typeof openRecordKeys>[3];
}

export async function verify(
  task: TaskManifest,
  machine: Machine,
  { only, depth, recordKeys = [], open, openKey }: VerifyOptions,
): Promise<VerifyOutcome> {
  const { places, dropped } = await (open?.(task) ?? openPlaces(task, machine, { with: 'copies', only }));
  const verified: VerifyOutcome['verified'][number][] = [];
  const read: ReadCount[] = [];
  const findings: VerifyFinding[] = dropped.map(({ store, why }) => ({
    store,
    key: '',
    kind: 'unreachable',
    message: why,
  }));
  const records: NonNullable<VerifyOutcome['records']>[number][] = [];
  try {
    const lacking: VerifyFinding[] = [];
    const tell: ReportFinding = (key, kind, message) => lacking.push({ store: '', key, kind, message });
    const keys = await openRecordKeys(recordKeys, machine, tell, openKey);
    findings.push(...lacking);
    // A run that comes again for its keys reads everything then, and not twice.
    const comesAgain = lacking.some(isPassing);
    for (const place of places) {
      try {
        const answer = await verifyPlace(place, task, machine);
        verified.push(...answer.verified);
        findings.push(...answer.findings);
        if (answer.verified.length > 0) await writeRecovery(place, task, machine);
        const { id: store } = place.store;
        const report: ReportFinding = (key, kind, message) => findings.push({ store, key, kind, message });
        const refusals = await refusalsOf(store, 'records of restores cannot be read', async () => {
          if (keys.length === 0) return;
          records.push({ store, newest: await verifyRecords(place, task, { keys, now: machine.now(), report }) });
        });
        findings.push(...refusals);
        if (depth === 'quick' || comesAgain || refusals.some(isPassing)) continue;
        const startedAt = machine.now();
        const full = await readPlace(place, task, machine, answer.findings);
        findings.push(...full.findings);
        read.push(full.read);
        const found = [...answer.findings, ...full.findings];
        findings.push(...(await recordReading(place, task, { startedAt, read: full.read, found }, machine)));
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        findings.push({ store: place.store.id, key: '', kind: 'unreachable', message: error.message });
      }
    }
  } finally {
    await closePlaces(places);
  }
  for (const { store, key, kind, message } of findings) {
    const level = kind === 'future' || HARMLESS.includes(kind) ? 'warning' : 'error';
    machine.log({ level, event: `verify_${kind}`, message: `${store} ${key}: ${message}`, task: task.name });
  }
  return {
    exit: exitOf(findings),
    verified,
    findings,
    ...(depth === 'full' && { read: sumOf(read) }),
    ...(recordKeys.length > 0 && { records }),
  };
}

/**
 * Puts a reading on record, whatever it found: that it never came is what somebody has to miss. The folder of a host has
 * no prober that would.
 */
async function recordReading(
  place: Place,
  task: TaskManifest,
  reading: { readonly startedAt: Date; readonly read: ReadCount; readonly found: readonly VerifyFinding[] },
  machine: Machine,
): Promise<readonly VerifyFinding[]> {
  const store = place.store.id;
  if (store === LOCAL) return [];
  const { startedAt, read, found } = reading;
  const kinds = [...new Set(found.map(({ kind }) => kind))].sort();
  const findings = Object.fromEntries(kinds.map((kind) => [kind, found.filter((one) => one.kind === kind).length]));
  const times = { startedAt: startedAt.toISOString(), endedAt: machine.now().toISOString() };
  return refusalsOf(store, 'all was read, and that cannot be put on record', () =>
    writeFullRead(place, { task: task.name, ...times, ...read, findings }, machine),
  );
}

const isPassing = ({ kind }: VerifyFinding) => kind === 'unreachable';

/** What a store says no to beside what is verified: worth another try, or for somebody to set right. */
async function refusalsOf(store: string, what: string, work: () => Promise<void>): Promise<readonly VerifyFinding[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const kind = error.kind === 'retry' ? 'unreachable' : 'config';
    return [{ store, key: '', kind, message: `${what}: ${error.message}` }];
  }
}

/** Nothing of it is damaged: a copy, prune or the next run heals it, or somebody names a key. */
const HARMLESS: readonly VerifyFinding['kind'][] = ['hole', 'stray', 'stale', 'archived', 'unknown_key'];

/**
 * Damage outweighs what somebody has to set right here, that a store that could not be looked at, and that a hole. What is
 * from the future is whole, and nothing is lacking for it.
 */
function exitOf(findings: readonly VerifyFinding[]): ExitCode {
  const kinds = new Set(findings.map((one) => one.kind));
  kinds.delete('future');
  const harmless = HARMLESS.map((kind) => kinds.delete(kind)).includes(true);
  const [unreachable, config] = [kinds.delete('unreachable'), kinds.delete('config')];
  if (kinds.size > 0) return EXIT.damaged;
  if (config) return EXIT.permanent;
  if (unreachable) return EXIT.retry;
  return harmless ? EXIT.degraded : EXIT.success;
}
