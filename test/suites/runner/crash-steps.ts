import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupType, TaskManifest } from '../../../lib/contract';
import { EXIT } from '../../../lib/runner/exit-code';
import { startAzureStore, startGcsStore, startS3Store } from '../../servers/cloud-store';
import type { CloudStore } from '../../servers/cloud-store';
import { until } from '../../servers/until';
import { testInTurn } from '../turn';
import { expectHonest, leftIn } from './crash-checks';
import { slotAt } from './file-task';
import { bundleRunner, runHere, startRunner, writeTask } from './program-run';
import type { Host, Ran } from './program-run';
import { backupsOn, cloudShelf, folderShelf } from './shelf';
import type { Shelf } from './shelf';

/**
 * The program as a process of its own, killed between every pair of steps from the end of what it reads to the manifest,
 * each in a run of its own. Whatever it leaves: nothing looks complete that is not, the next run works, and what plain
 * tools make of its backup is the source.
 */

/** What is backed up. */
export interface CrashSource {
  readonly environment: Readonly<Record<string, string>>;
  /** One whose starts are steps of a backup into a folder too, from the n-th on. @default - none */
  readonly program?: { readonly name: string; readonly from: number };
  task(changes: Partial<TaskManifest>): TaskManifest;
  /** Types of the run that is killed at a step, and of the next one. */
  types(step: number): { readonly killed: BackupType; readonly next: BackupType };
  /** So that no two backups hold the same. */
  change(step: number): Promise<void>;
  /** What the run after a killed one has to have said and done, beside being whole. @default - nothing more */
  expectFollowed?(next: BackupType, ran: Ran): void;
  /** Restores the newest backup of a store by plain tools and compares it with the source. */
  expectRestored(shelf: Shelf): Promise<void>;
}

interface Place {
  readonly stores: TaskManifest['stores'];
  readonly shelves: readonly Shelf[];
  readonly environment: Readonly<Record<string, string>>;
  /** Starts the run that ends at the n-th step. @returns what it was killed before, or `undefined` where it ended */
  kill(step: number, run: KilledRun): Promise<string | undefined>;
}

interface KilledRun {
  readonly program: string;
  readonly host: Host;
  readonly argv: readonly string[];
  readonly starts: CrashSource['program'];
}

const BUCKET = 'crash-steps';
const ANSWER = 'the answer to the manifest';
/** The last step of a run that was not killed any more; far more than there are. */
const MOST_STEPS = 100;

/** One request of the store after the other, from the first one that writes; at last the answer to the last. */
function cloudPlace(store: CloudStore, prefix: string, local: string): Place {
  return {
    stores: [store.target(BUCKET, prefix)],
    shelves: [cloudShelf(store, BUCKET, prefix), folderShelf(local)],
    environment: store.environment,
    kill: async (step, { program, host, argv }) => {
      const { child, ended } = startRunner(program, host, argv);
      let count = 0;
      let at: string | undefined;
      const isLast = store.requests.manifest;
      store.proxy.inject({
        when: (request) => {
          if (count > 0 || request.method !== 'GET') count += 1;
          if (count !== step) return false;
          at = `${request.method} ${request.path}`;
          return true;
        },
        fault: { kind: 'end-at', what: 'request', call: () => child.kill('SIGKILL') },
      });
      // A step more than there are requests: the manifest is stored, and nobody hears of it.
      let manifests = 0;
      store.proxy.inject({
        when: (request) => {
          if (!isLast(request) || count + 1 !== step) return false;
          at = ANSWER;
          return (manifests += 1) === 1;
        },
        fault: { kind: 'end-at', what: 'answer', call: () => child.kill('SIGKILL') },
      });
      expectKilledOrDone(await ended, at);
      store.proxy.heal();
      return at;
    },
  };
}

/** One call after the other that changes the folder or the host's state. */
function localPlace(local: string, state: string): Place {
  return {
    stores: [],
    shelves: [folderShelf(local)],
    environment: {},
    kill: async (step, { program, host, argv, starts }) => {
      const environment = {
        KILL_AT: `${step}`,
        KILL_BELOW: [local, state].join(':'),
        ...(starts && { KILL_PROGRAM: starts.name, KILL_FROM: `${starts.from}` }),
      };
      const node = ['--require', path.join(__dirname, 'kill-at-call.cjs')];
      const ran = await startRunner(program, host, argv, { node, environment }).ended;
      const at = /^killed before (.*)$/m.exec(ran.stderr)?.[1];
      expectKilledOrDone(ran, at);
      return at;
    },
  };
}

function expectKilledOrDone({ exit, stderr }: Ran, at: string | undefined): void {
  expect([exit, at ?? stderr]).toEqual([at === undefined ? EXIT.success : null, expect.anything()]);
}

export interface CrashRig {
  readonly folder: string;
  readonly program: string;
  stop(): void;
}

function crashRig(): CrashRig {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-steps-'));
  return {
    folder,
    program: bundleRunner(folder),
    stop: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface Killed {
  /** What it was killed before, one after the other. */
  readonly steps: readonly string[];
  readonly host: Host;
  readonly task: string;
  readonly local: string;
}

/** All steps of a source and a place. */
async function killAtEveryStep(
  { folder, program }: CrashRig,
  source: CrashSource,
  name: string,
  placeIn: (local: string, state: string) => Place,
): Promise<Killed> {
  const own = path.join(folder, name);
  mkdirSync(own);
  const [local, state] = [path.join(own, 'local'), path.join(own, 'state')];
  const place = placeIn(local, state);
  const host: Host = { folder: own, state, environment: { ...source.environment, ...place.environment } };
  const task = writeTask(host, source.task({ stores: place.stores, local: { id: 'local', from: [], path: local } }));
  await source.change(0);
  const argv = (type: BackupType, slot: number) => ['backup', '--task', task, '--type', type, '--slot', slotAt(slot)];
  await expectStored(host, argv('full', 0));
  const steps: string[] = [];
  const seen = new Set<string>();
  for (let step = 1; step <= MOST_STEPS; step += 1) {
    await source.change(2 * step);
    const { killed, next } = source.types(step);
    const killing = { program, host, argv: argv(killed, 2 * step - 1), starts: source.program };
    const at = await place.kill(step, killing);
    try {
      await expectHonest(host, task, place.shelves, seen);
      if (at === undefined) return { steps, host, task, local };
      steps.push(at);
      if (at === ANSWER) await expectFinished(host, argv(killed, 2 * step - 1), { task, source, seen, ...place });
      await source.change(2 * step + 1);
      const ran = await expectStored(host, argv(next, 2 * step));
      source.expectFollowed?.(next, ran);
      const complete = await expectHonest(host, task, place.shelves, seen);
      // Where one misses a parent the run says so.
      expect(ran.events.filter((one) => one.event === 'chain_hole')).toHaveLength(
        place.shelves.length - complete.length,
      );
      expect(complete.length).toBeGreaterThan(0);
      for (const shelf of complete) await source.expectRestored(shelf);
    } catch (error) {
      throw new Error(`step ${step}, killed before ${at}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`more than ${MOST_STEPS} steps`);
}

interface Repeated extends Pick<Place, 'shelves'> {
  readonly task: string;
  readonly source: CrashSource;
  readonly seen: Set<string>;
}

/**
 * The same slot again, after a kill between the manifests of two stores: one backup of one attempt is in both of them,
 * and the source was not read again.
 */
async function expectFinished(host: Host, argv: readonly string[], repeated: Repeated): Promise<void> {
  const { task, source, shelves, seen } = repeated;
  const manifests = async () => (await Promise.all(shelves.map(backupsOn))).map((backups) => backups.at(-1)?.sha256);
  const [first, second] = await manifests();
  expect(first).not.toBe(second);
  const { events } = await expectStored(host, argv);
  expect(await manifests()).toEqual([first, first]);
  expect(events.map(({ event }) => event)).toContain('slot_finished');
  expect(await expectHonest(host, task, shelves, seen)).toHaveLength(shelves.length);
  for (const shelf of shelves) await source.expectRestored(shelf);
}

/** A run that is whole. What the killed one held of the source ends with its connections, in a moment. */
async function expectStored(host: Host, argv: readonly string[]): Promise<Ran> {
  let ran: Ran | undefined;
  await until(async () => {
    ran = await runHere(host, argv);
    if (ran.exit === EXIT.overlap) throw new Error('the lock of the killed run is still held');
  }, 20_000);
  expect([ran?.exit, ran?.stderr]).toEqual([EXIT.success, '']);
  return ran as Ran;
}

export type PlaceId = CloudStore['id'] | 'local';

const CLOUDS = ['s3', 'azure', 'gcs'] as const;

const START = { s3: startS3Store, azure: startAzureStore, gcs: startGcsStore };

/** The tests of one source: into each cloud's store beside a folder, and into a folder alone where that is asked for. */
export function describeSteps(
  sourceFor: (place: PlaceId, rig: CrashRig) => Promise<CrashSource>,
  { places = [...CLOUDS, 'local'], leastSteps = 4 }: { places?: readonly PlaceId[]; leastSteps?: number } = {},
): void {
  let rig: CrashRig;
  let stores: readonly CloudStore[];

  beforeAll(async () => {
    const own = CLOUDS.filter((id) => places.includes(id)).map((id) => START[id]());
    rig = crashRig();
    stores = await Promise.all(own);
    for (const store of stores) await store.makeBucket(BUCKET);
  }, 120_000);

  afterAll(async () => {
    for (const store of stores) await store.stop();
    rig.stop();
  });

  for (const id of CLOUDS.filter((one) => places.includes(one))) {
    testInTurn(
      `into ${id}`,
      async () => {
        const store = stores.find((one) => one.id === id) as CloudStore;
        const source = await sourceFor(id, rig);
        const { steps } = await killAtEveryStep(rig, source, id, (local) => cloudPlace(store, `${id}/`, local));
        // Data, a look at the list, the manifest, and its answer.
        expect(steps.length).toBeGreaterThanOrEqual(leastSteps);
        expect(steps.at(-1)).toBe(ANSWER);
      },
      300_000,
    );
  }

  if (!places.includes('local')) return;
  testInTurn(
    'into a folder',
    async () => {
      const source = await sourceFor('local', rig);
      const { steps, host, task, local } = await killAtEveryStep(rig, source, 'local', localPlace);
      const manifest = steps.findIndex((one) => /^link .*\.manifest\.json/.test(one));
      expect(manifest).toBeGreaterThan(5);
      expect(steps.length).toBeGreaterThan(manifest + 1);

      // What the crashes left goes when it is old, and nothing that counts goes with it.
      expect(leftIn(local).length).toBeGreaterThan(0);
      const now = () => new Date('2028-01-01T00:00:00Z');
      expect((await runHere(host, ['prune', '--task', task], { now })).exit).toBe(EXIT.success);
      expect(leftIn(local)).toEqual([]);
      await source.expectRestored(folderShelf(local));
    },
    300_000,
  );
}
