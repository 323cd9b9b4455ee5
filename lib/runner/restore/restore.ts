import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { BackupStream, TaskManifest } from '../../contract';
import { agesIn } from '../age';
import { lockFile } from '../engine/files-lock';
import { EXIT } from '../exit-code';
import type { ExitCode } from '../exit-code';
import type { Machine } from '../machine';
import { bytesText, clockText } from '../progress/amounts';
import type { RetrievalTier } from '../store/archive';
import { choose } from './choose';
import type { Choice } from './choose';
import { readableFirst, tierFor } from './cold';
import { expectedOf } from './expected';
import { ended, failed } from './failure';
import { isContinuous } from './gap';
import { lastRestore } from './last-restore';
import type { LastRestore } from './last-restore';
import { openTarget } from './open';
import { OverlapError } from './overlap';
import { surveyPlaces } from './places';
import type { OpenForReading, SurveyedPlaces } from './places';
import { pointsOf } from './point';
import type { PlacedChain, Points } from './point';
import { readFromAny } from './read';
import type { RestoreReport } from './report';
import { checkRoom } from './room';
import { shownTarget } from './server-url';
import { bytesToSpool, wantedBytes } from './spool';
import { stepsOf } from './steps';
import { storedBytes } from './stored-bytes';
import type { Target, TargetOptions } from './target';
import { archivedNow, thawOf, thawText } from './thaw';
import type { Wish } from './wish';

export interface RestoreOptions extends Omit<TargetOptions, 'until'> {
  readonly wish: Wish;
  readonly mode: 'restore' | 'dry-run';
  /** Ids of the places that may be read. @default - all */
  readonly only?: readonly string[] | undefined;
  /** Folder for what is read before the target is touched. @default - below the state's folder */
  readonly scratch?: string | undefined;
  /** Whether what has to be thawed is waited for. @default 'come back' - it is asked for, and the restore ends */
  readonly archived?: 'wait' | 'come back';
  /** @default - what the task says of the store, else `standard` */
  readonly retrievalTier?: RetrievalTier | undefined;
  /** Keys by which records are known, whose times a dry run goes by. @default - none */
  readonly recordKeys?: readonly string[];
}

/** What stands behind a restore; tests bring stores and targets of their own. */
export interface RestoreWorld {
  readonly open?: OpenForReading;
  readonly target?: typeof openTarget;
}

/**
 * Restores a point: found by ledgers and hashes, read into scratch and compared with every hash before the target is
 * touched, restored into a staging name, and renamed. Failures of the world are in the report; bugs throw.
 */
export async function restore(
  task: TaskManifest,
  options: RestoreOptions,
  machine: Machine,
  world: RestoreWorld = {},
): Promise<RestoreReport> {
  const told = { task: task.name, target: shownTarget(options.target, task.source.kind), mode: options.mode };
  const empty = { ...told, backups: [], plan: [], steps: [], held: [], notes: [], warnings: [] } as const;
  try {
    const places = await surveyPlaces(task, machine, options.only, world.open);
    try {
      const report = unaskedReplicas(
        await restoreFrom(places, { task, options, machine, world, empty }),
        task,
        options,
      );
      // What is in place is in place, also where a signal came a moment later.
      return interruption(machine) && report.why !== undefined ? { ...report, ...ended(machine) } : report;
    } finally {
      await places.close();
    }
  } catch (error) {
    return { ...empty, ...(interruption(machine) ? ended(machine) : failed(error)) };
  }
}

/** What replication fills is not asked where a store answers: of damage there, whoever restores may look here. */
function unaskedReplicas(
  report: RestoreReport,
  { replicas = [] }: TaskManifest,
  { only }: RestoreOptions,
): RestoreReport {
  const { exit, why } = report;
  if (exit !== EXIT.damaged || why === undefined || replicas.length === 0 || only) return report;
  const names = replicas.map(({ store }) => `--store ${store}`).join(' or ');
  return { ...report, why: `${why}; a replica may have it whole: ${names}` };
}

interface Restoring {
  readonly task: TaskManifest;
  readonly options: RestoreOptions;
  readonly machine: Machine;
  readonly world: RestoreWorld;
  readonly empty: Omit<RestoreReport, 'exit'>;
}

async function restoreFrom(places: SurveyedPlaces, restoring: Restoring): Promise<RestoreReport> {
  const { task, options, machine, world, empty } = restoring;
  const points = pointsOf(places.surveys);
  const unverified = places.surveys.flatMap((one) => one.unverified);
  const chosen = choose(options.wish, points, { now: machine.now(), continuous: isContinuous(task), unverified });
  const seen = seenBy(places);
  if (!('point' in chosen)) {
    const exit = places.unreachable.length > 0 ? retryOr(places) : chosen.exit;
    return { ...empty, ...chosen, exit, warnings: seen };
  }
  const { until } = chosen;
  const target = await (world.target ?? openTarget)(task, { ...options, until }, machine);
  try {
    const chains = readableFirst(chosen.point.chains, (one) => target.wants(one));
    const point = { ...chosen.point, chains };
    await target.check(point);
    const base: Omit<RestoreReport, 'exit'> = {
      ...empty,
      target: target.name,
      point: {
        slot: point.manifest.slot,
        type: point.manifest.type,
        at: point.at.toISOString(),
        ...(until && { until: until.toISOString() }),
      },
      notes: chosen.notes,
      warnings: [...chosen.warnings, ...seen, ...(await staleness(chosen, restoring))],
    };
    const folder = scratchOf(options, task, target, machine);
    if (options.mode === 'dry-run')
      return await dryRun(base, {
        ...{ ...restoring, folder, chosen: { ...chosen, point }, target },
        last: await lastRestore(
          places.surveys.map(({ place }) => place),
          task,
          machine,
          options.recordKeys ?? [],
        ),
      });
    return await underLock(folder, machine, () =>
      readAndRestore(base, { ...restoring, folder, chosen: { ...chosen, point }, points, target }),
    );
  } finally {
    await target.close();
  }
}

/** The newest that there is may be old: then runs fail, and somebody should know before the target is in use. */
async function staleness({ point }: Choice, { task, options, machine }: Restoring): Promise<readonly string[]> {
  const place = point.chains[0]?.place;
  if (options.wish.kind !== 'latest' || !place) return [];
  const ages = await agesIn(place, task, machine.now());
  return ages
    .filter(({ ageSeconds, allowedSeconds }) => ageSeconds !== undefined && ageSeconds > allowedSeconds)
    .map(
      ({ type, ageSeconds, allowedSeconds }) =>
        `the newest ${type} is ${clockText(ageSeconds ?? 0)} old, and should be at most ${clockText(allowedSeconds)}`,
    );
}

interface Chosen {
  readonly folder: string;
  readonly chosen: Choice;
  readonly target: Target;
}

async function readAndRestore(
  base: Omit<RestoreReport, 'exit'>,
  { task, options, machine, folder, chosen, points, target }: Chosen & Restoring & { readonly points: Points },
): Promise<RestoreReport> {
  const { point } = chosen;
  const [first] = point.chains;
  if (first) await checkRoom(await demandsOf(first, { folder, chosen, target }));
  // What an earlier restore has read counts as read.
  const clock = stepsOf(task.name, machine, first && wantedBytes(first, (stream) => target.wants(stream)));
  try {
    const read = await clock.step('read and compare', () =>
      readFromAny({
        ...{ point, points, folder, target, machine, onBytes: clock.bytes },
        archived: options.archived ?? 'come back',
        tierOf: ({ place }) => tierFor(task, place.store.id, options.retrievalTier),
      }),
    );
    if (!('spooled' in read))
      return { ...base, ...read, steps: clock.steps, warnings: [...base.warnings, ...read.warnings] };
    const { chain, spooled } = read;
    const facts = { ...base, store: chain.place.store.id, backups: backupsOf(chain) };
    const restored = await target.restore(spooled, clock.step);
    const warnings = [...base.warnings, ...read.warnings, ...restored.warnings];
    return {
      ...facts,
      ...(restored.stop && { stop: restored.stop }),
      exit: warnings.length > 0 ? EXIT.degraded : EXIT.success,
      steps: clock.steps,
      held: restored.held,
      notes: [...base.notes, ...restored.notes],
      warnings,
    };
  } catch (error) {
    return { ...base, steps: clock.steps, ...failed(error) };
  } finally {
    clock.end();
    // Plain bytes of the source: they stay only where a killed restore leaves them to the next one.
    await rm(folder, { recursive: true, force: true });
  }
}

async function dryRun(
  base: Omit<RestoreReport, 'exit'>,
  {
    task,
    options,
    machine,
    folder,
    chosen,
    target,
    last,
  }: Chosen & Restoring & { readonly last: LastRestore | undefined },
): Promise<RestoreReport> {
  const [chain] = chosen.point.chains;
  if (!chain) throw new Error('a point without a chain');
  const demands = await demandsOf(chain, { folder, chosen, target });
  await checkRoom(demands);
  const others = chosen.point.chains.slice(1).map(({ place }) => place.store.id);
  const scratch = demands[0]?.needed ?? 0;
  const tier = tierFor(task, chain.place.store.id, options.retrievalTier);
  const thawing = { chain, wants: (one: BackupStream) => target.wants(one), tier, machine };
  const archived = await archivedNow(thawing);
  const thaw = archived.length > 0 ? thawOf(thawing, archived) : undefined;
  return {
    ...base,
    exit: EXIT.success,
    store: chain.place.store.id,
    backups: backupsOf(chain),
    ...(thaw && { thaw }),
    plan: [
      ...(thaw ? [thawText(thaw, 'would be asked')] : []),
      `read ${chain.members.length} backups, ${bytesText(storedBytes(chain))}, from ${chain.place.store.id}${others.length > 0 ? `, else from ${others.join(', ')}` : ''}`,
      `compare every hash, in ${bytesText(scratch)} of scratch in ${path.dirname(folder)}`,
      ...target.plan(chosen.point),
    ],
    ...expectedOf(chain, last),
  };
}

async function demandsOf(chain: PlacedChain, { folder, chosen, target }: Chosen) {
  const needed = await bytesToSpool(chain, { folder, wants: (stream) => target.wants(stream) });
  const room = await target.room?.(chosen.point);
  return [{ what: 'scratch', folder, needed }, ...(room ? [{ what: 'the restored data', ...room }] : [])];
}

function backupsOf({ members }: PlacedChain): RestoreReport['backups'] {
  return members.map(({ manifest: { slot, type, streams } }) => ({
    slot,
    type,
    bytes: streams.reduce((sum, one) => sum + one.bytes, 0),
  }));
}

/** One folder and one lock for each task and target of this host. */
function scratchOf({ scratch }: RestoreOptions, task: TaskManifest, { name }: Target, machine: Machine): string {
  const own = createHash('sha256').update(`${task.name}\n${name}`).digest('hex').slice(0, 16);
  return path.join(scratch ?? machine.stateFolder, 'restore', own);
}

async function underLock(folder: string, machine: Machine, work: () => Promise<RestoreReport>): Promise<RestoreReport> {
  const lock = await lockFile(`${folder}.lock`, machine);
  if (lock === 'held') throw new OverlapError();
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** What restores see through, and places that could not be asked. */
function seenBy({ surveys, unreachable }: SurveyedPlaces): readonly string[] {
  const suspected = surveys.flatMap(({ place, suspected: all }) =>
    all.map(({ key, why }) => `suspected tampering in ${place.store.id}: ${key}: ${why}`),
  );
  const [shown, more] = [suspected.slice(0, 10), suspected.length - 10];
  return [
    ...unreachable.map(({ store, why }) => `${store} could not be asked: ${why}`),
    ...shown,
    ...(more > 0 ? [`and ${more} more: restorable names all of them`] : []),
  ];
}

function retryOr({ worthRetry }: SurveyedPlaces): ExitCode {
  return worthRetry ? EXIT.retry : EXIT.permanent;
}

function interruption({ signal }: Machine): boolean {
  return signal.aborted;
}
