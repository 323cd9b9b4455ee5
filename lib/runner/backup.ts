import type { BackupManifest, BackupType, TaskManifest, TaskRun } from '../contract';
import { chainOf, parentFor } from './chain';
import type { History } from './chain';
import { openEngine } from './engine/open';
import type { EngineRun, PreparedSource } from './engine/engine';
import { EngineError } from './engine/engine';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import { historyOf, readManifests } from './history';
import type { Place } from './history';
import { runHook } from './hooks';
import type { Machine } from './machine';
import { encodeManifest } from './manifest';
import type { StoredManifest } from './manifest';
import { runKeys } from './object-key';
import { closePlaces, openPlaces } from './places';
import { publish } from './publish';
import { fillPath, slotDate, slotOf } from './slot';
import { storeStream } from './stream/store-stream';
import type { StreamTarget } from './stream/store-stream';
import { StoreError } from './store/store';
import { LOCAL, runFor } from './task';

export interface BackupOptions {
  readonly type?: BackupType;
  /** Planned start; a run by hand takes its own start. */
  readonly slot?: string;
}

/** What a run ended with; the same facts go into metrics and the last log line. */
export interface BackupOutcome {
  readonly exit: ExitCode;
  readonly manifest?: StoredManifest;
  readonly why?: string;
  /** Stores that hold the published backup. */
  readonly stored: readonly string[];
}

/** One run of a task: from the source into every store at once, published last, never silent about what is missing. */
export async function backup(task: TaskManifest, options: BackupOptions, machine: Machine): Promise<BackupOutcome> {
  const run = runFor(task, options.type);
  if (!run) return fail(EXIT.badInvocation, `task ${task.name} has no runs of type ${options.type ?? 'full'}`);
  const slot = options.slot ?? slotOf(machine.now());
  if (!slotDate(slot)) return fail(EXIT.badInvocation, `"${slot}" is no slot such as 20261122T021500Z`);
  let source: PreparedSource | undefined;
  try {
    source = await (await openEngine(task)).prepare(task, machine);
    const lock = await source.lock(run.type === 'log' ? 'log' : 'data');
    if (lock === 'held') return fail(EXIT.overlap, `another run of ${task.name} holds the source's lock`);
    try {
      await runHook(task, 'before', 'started', machine);
      const outcome = await runLocked(task, run, slot, source, machine);
      await runHook(
        task,
        outcome.exit === EXIT.success || outcome.exit === EXIT.degraded ? 'after' : 'onError',
        outcome.why ?? 'stored',
        machine,
      );
      return outcome;
    } catch (error) {
      await runHook(task, 'onError', reasonOf(error), machine);
      throw error;
    } finally {
      await lock.release();
    }
  } catch (error) {
    return expected(error, machine);
  } finally {
    await source?.close();
  }
}

function fail(exit: ExitCode, why: string): BackupOutcome {
  return { exit, why, stored: [] };
}

/** Failures of the world are outcomes; everything else is a bug and goes on. */
function expected(error: unknown, machine: Machine): BackupOutcome {
  if (machine.signal.aborted) return fail(EXIT.interrupted, 'interrupted');
  if (error instanceof EngineError) return fail(error.kind === 'config' ? EXIT.permanent : EXIT.retry, withFix(error));
  if (error instanceof StoreError) return fail(error.kind === 'retry' ? EXIT.retry : EXIT.permanent, error.message);
  throw error;
}

function withFix({ message, fix }: EngineError): string {
  return fix ? `${message}; ${fix}` : message;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function runLocked(
  task: TaskManifest,
  planned: TaskRun,
  slot: string,
  source: PreparedSource,
  machine: Machine,
): Promise<BackupOutcome> {
  const { places, dropped } = await openPlaces(task, machine);
  try {
    if (places.length === 0) return fail(EXIT.permanent, `no store can be opened: ${whys(dropped)}`);
    const histories = await readHistories(places, task, dropped, machine);
    const decision = await decide(planned.type, source, histories);
    if (decision.fullBecause !== undefined) {
      machine.log({
        level: 'warning',
        event: 'full_instead',
        message: `a full is taken: ${decision.fullBecause}`,
        task: task.name,
      });
    }
    return await take({ task, planned, slot, source, histories, dropped: [...dropped], decision, machine });
  } finally {
    await closePlaces(places);
  }
}

interface PlaceHistory {
  readonly place: Place;
  readonly history: History;
}

async function readHistories(
  places: readonly Place[],
  task: TaskManifest,
  dropped: readonly { store: string; why: string }[],
  machine: Machine,
): Promise<readonly PlaceHistory[]> {
  const histories: PlaceHistory[] = [];
  for (const place of places) {
    try {
      const read = await readManifests(place, task.name);
      for (const { key, why } of read.unreadable) {
        machine.log({
          level: 'warning',
          event: 'manifest_unreadable',
          message: `${place.store.url}/${key}: ${why}`,
          task: task.name,
        });
      }
      histories.push({ place, history: historyOf(read) });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      (dropped as { store: string; why: string }[]).push({ store: place.store.id, why: error.message });
    }
  }
  return histories;
}

interface Decision {
  readonly type: BackupType;
  readonly parent: StoredManifest | undefined;
  readonly fullBecause: string | undefined;
}

/** What can be taken: an increment where there is something to follow and the source agrees, else a full. */
async function decide(type: BackupType, source: PreparedSource, histories: readonly PlaceHistory[]): Promise<Decision> {
  if (type === 'full') return { type, parent: undefined, fullBecause: undefined };
  const full = (fullBecause: string): Decision => ({ type: 'full', parent: undefined, fullBecause });
  const parents = histories.flatMap(({ history }) => {
    const parent = parentFor(type, history);
    return parent && chainOf(history, parent) ? [parent] : [];
  });
  const newest = parents.sort((a, b) => (a.manifest.slot < b.manifest.slot ? 1 : -1))[0];
  if (!newest) return full('no store holds a complete chain that this run could follow');
  const answer = await source.canFollow(type, newest.manifest);
  return answer.ok ? { type, parent: newest, fullBecause: undefined } : full(answer.why);
}

interface Taking {
  readonly task: TaskManifest;
  readonly planned: TaskRun;
  readonly slot: string;
  readonly source: PreparedSource;
  readonly histories: readonly PlaceHistory[];
  readonly dropped: { store: string; why: string }[];
  readonly decision: Decision;
  readonly machine: Machine;
}

async function take(taking: Taking): Promise<BackupOutcome> {
  const { task, planned, slot, source, histories, dropped, decision, machine } = taking;
  const attempt = machine.randomHex(8);
  const startedAt = machine.now();
  const slotTime = slotDate(slot) ?? startedAt;
  const lockedUntil = addDays(slotTime, planned.lockDays);
  const keysOf = (place: Place) =>
    runKeys(fillPath(place.path, slotTime, task.window.timeZone), slot, decision.type, attempt);
  let alive = histories.map(({ place }) => place);
  const begun = await source.begin(decision.type, decision.parent?.manifest);
  try {
    const streams: BackupManifest['streams'][number][] = [];
    for await (const stream of begun.streams()) {
      const stored = await storeStream(stream, {
        targets: alive.map((place): StreamTarget => ({
          store: place.store,
          folder: keysOf(place).data,
          retainUntil: place.store.id === LOCAL ? undefined : lockedUntil,
        })),
        compression: planned.compression,
        recipient: planned.encryption ? task.local?.recipient : undefined,
        machine,
      });
      streams.push(stored.stream);
      dropped.push(...stored.dropped);
      alive = alive.filter(({ store }) => !stored.dropped.some((one) => one.store === store.id));
    }
    const { contents, degraded } = await begun.finish();
    const parentHolders = histories.filter(
      ({ history }) => !decision.parent || history.some((one) => one.sha256 === decision.parent?.sha256),
    );
    for (const place of alive) {
      if (parentHolders.some((one) => one.place === place)) continue;
      machine.log({
        level: 'warning',
        event: 'chain_hole',
        message: `${place.store.url} has no parent of this run: it is not restorable there until it is backfilled`,
        task: task.name,
      });
    }
    const manifest = encodeManifest({
      version: 1,
      task: task.name,
      engine: task.engine,
      type: decision.type,
      for: planned.for,
      slot,
      attempt,
      startedAt: startedAt.toISOString(),
      endedAt: machine.now().toISOString(),
      parent: decision.parent
        ? { slot: decision.parent.manifest.slot, type: decision.parent.manifest.type, sha256: decision.parent.sha256 }
        : null,
      ...(decision.fullBecause !== undefined && { fullBecause: decision.fullBecause }),
      source: { identity: source.identity, position: begun.position },
      pointInTime: begun.pointInTime.toISOString(),
      tools: { ...source.tools, runner: machine.version },
      contents,
      streams,
      dropped: [...dropped],
      degraded,
      lockedUntil: lockedUntil.toISOString(),
      expiresAt: addDays(slotTime, planned.retentionDays).toISOString(),
    });
    return await commit(taking, begun, manifest, alive, keysOf, lockedUntil);
  } catch (error) {
    await begun.abort();
    throw error;
  }
}

async function commit(
  { task, dropped, machine }: Taking,
  begun: EngineRun,
  manifest: StoredManifest,
  alive: readonly Place[],
  keysOf: (place: Place) => { readonly data: string; readonly manifest: string },
  retainUntil: Date,
): Promise<BackupOutcome> {
  const stored: string[] = [];
  const taken: string[] = [];
  for (const place of alive) {
    const keys = keysOf(place);
    const answer = await publish(place.store, {
      manifestKey: keys.manifest,
      dataFolder: keys.data,
      manifest,
      retainUntil,
    });
    if (answer.kind === 'stored') stored.push(place.store.id);
    else if (answer.kind === 'taken') taken.push(place.store.id);
    else dropped.push({ store: place.store.id, why: answer.why });
  }
  if (stored.length === 0) {
    await begun.abort();
    if (taken.length > 0)
      return fail(
        EXIT.overlap,
        `slot ${manifest.manifest.slot} was published by another attempt in ${taken.join(', ')}`,
      );
    return fail(EXIT.retry, `no store took the manifest: ${whys(dropped)}`);
  }
  await begun.adopt();
  const incomplete = dropped.length > 0 || taken.length > 0 || manifest.manifest.degraded.length > 0;
  const why = [
    ...(dropped.length > 0 ? [`not stored in ${whys(dropped)}`] : []),
    ...(taken.length > 0 ? [`another attempt published the slot in ${taken.join(', ')}`] : []),
    ...(manifest.manifest.degraded.length > 0 ? [`${manifest.manifest.degraded.length} things could not be read`] : []),
  ].join('; ');
  machine.log({
    level: incomplete ? 'warning' : 'info',
    event: 'backup_stored',
    message: `${manifest.manifest.type} backup of ${task.name} is in ${stored.join(', ')}${why ? `; ${why}` : ''}`,
    task: task.name,
    slot: manifest.manifest.slot,
    manifest: manifest.sha256,
  });
  return { exit: incomplete ? EXIT.degraded : EXIT.success, manifest, stored, ...(why && { why }) };
}

function whys(dropped: readonly { readonly store: string; readonly why: string }[]): string {
  return dropped.map(({ store, why }) => `${store} (${why})`).join(', ');
}

function addDays(date: Date, days: number): Date {
  return new Date(date.getTime() + days * 86_400_000);
}
