import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import type { CloudStore } from '../../servers/cloud-store';
import type { Fault, SeenRequest } from '../../servers/fault';
import { fileTask, makeSource, slotAt } from './file-task';
import { expectSameFiles, restoreFiles } from './plain-restore';
import { listed, runHere, writeTask } from './program-run';
import type { Host, Ran } from './program-run';
import { backupsOn, chainOn, cloudShelf, folderShelf } from './shelf';

/**
 * The table of faults, its stores: what one may do while a backup is made, once at every single request, and from some
 * moment on until the end of the run. A folder beside it gets its copy in any case.
 */
type RequestKind = keyof CloudStore['requests'];

interface Row {
  /** In the words. */
  readonly name: string;
  readonly fault: (store: CloudStore) => Fault;
  /** @default - every request */
  readonly only?: readonly RequestKind[];
  /** What the log says of a request that it hit, and the run of a store that is left out. */
  readonly says: RegExp;
}

const ANY_TROUBLE = /./;

const PASSING: readonly Row[] = [
  { name: 'answers 500', fault: () => ({ kind: 'answer', status: 500 }), says: /500/ },
  { name: 'answers 503 SlowDown', fault: ({ busy }) => ({ kind: 'answer', ...busy }), says: /SlowDown|ServerBusy|429/ },
  { name: 'throttles with 429', fault: () => ({ kind: 'answer', status: 429 }), says: /429/ },
  { name: 'does not answer', fault: () => ({ kind: 'silence' }), says: /time|abort/i },
  { name: 'loses the network mid-part', fault: () => ({ kind: 'cut', afterBytes: 100 }), says: ANY_TROUBLE },
  { name: 'loses its answer', fault: () => ({ kind: 'lose-answer' }), says: ANY_TROUBLE },
];

/** A byte that the network changes: the store refuses content that has another checksum than was said. */
const FLIP: Row = {
  name: 'gets wrong bytes',
  only: ['piece', 'manifest'],
  fault: () => ({ kind: 'flip-byte', at: 600 }),
  says: /digest|md5|sha256|crc32c|checksum|match/i,
};

const LASTING: readonly (Row & { readonly at: RequestKind })[] = [
  { ...named('answers 500'), at: 'piece' },
  { ...named('answers 503 SlowDown'), at: 'complete' },
  { ...named('throttles with 429'), at: 'manifest' },
  { ...named('does not answer'), at: 'piece' },
  { ...named('loses the network mid-part'), at: 'piece' },
  { ...named('loses its answer'), at: 'complete' },
  { ...FLIP, at: 'piece' },
  { ...FLIP, at: 'manifest' },
];

function named(name: string): Row {
  const row = PASSING.find((one) => one.name === name);
  if (!row) throw new Error(name);
  return row;
}

export interface StoreTraits {
  readonly partBytes: number;
  /** Whether a piece with wrong bytes is refused by itself, so that it can be sent again. */
  readonly checks: 'pieces' | 'the whole';
  /** Faults that are tried, by their names. @default - all */
  readonly faults?: RegExp;
}

const BUCKET = 'faults';
/** Silence is noticed soon, and a server that is merely busy is not taken for silent. */
const PATIENCE = { idleMilliseconds: 600 };

export function describeStoreFaults(
  start: () => Promise<CloudStore>,
  { partBytes, checks, faults = /./ }: StoreTraits,
): void {
  let store: CloudStore;
  let folder: string;
  let source: string;

  beforeAll(async () => {
    store = await start();
    await store.makeBucket(BUCKET);
    folder = mkdtempSync(path.join(tmpdir(), 'hypdr-faults-'));
    source = makeSource(path.join(folder, 'source'), partBytes * 2);
  }, 120_000);

  afterAll(async () => {
    await store.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A data set of a row's own, on a host of its own. */
  function dataSet(name: string) {
    const own = path.join(folder, name.replace(/\W+/g, '-'));
    mkdirSync(own);
    const prefix = `${path.basename(own)}/`;
    const local = path.join(own, 'local');
    const host: Host = { folder: own, state: path.join(own, 'state'), environment: store.environment };
    const stores = [store.target(BUCKET, prefix)];
    const task = writeTask(host, fileTask('docs', source, { stores, local: { id: 'local', from: [], path: local } }));
    return {
      cloud: cloudShelf(store, BUCKET, prefix),
      local: folderShelf(local),
      restored: path.join(own, 'restored'),
      list: () => listed(host, task),
      run: (day: number, storeLimits: object): Promise<Ran> =>
        runHere(host, ['backup', '--task', task, '--type', 'full', '--slot', slotAt(day)], {
          storeLimits: { partBytes, ...storeLimits },
        }),
      verify: () => runHere(host, ['verify', '--quick', '--task', task]),
    };
  }

  type DataSet = ReturnType<typeof dataSet>;

  /** What the store's list shows is verified, and what plain tools make of it is the source. */
  async function expectWhole(set: DataSet, place: 'cloud' | 'local'): Promise<void> {
    const { exit, stdout } = await set.verify();
    expect([exit, stdout]).toEqual([EXIT.success, expect.stringContaining(' 0 findings')]);
    expectSameFiles(source, await restoreFiles(set[place], await chainOn(set[place]), set.restored, source));
    rmSync(set.restored, { recursive: true });
  }

  const once: readonly Row[] = [...PASSING, checks === 'pieces' ? FLIP : { ...FLIP, only: ['manifest'] }];

  test.each(once.filter(({ name }) => faults.test(name)))(
    '$name, once at every request: the run says so, tries again and is whole',
    async ({ name, fault, says, only }) => {
      const set = dataSet(`${name} once`);
      const seen = new Set<string>();
      const isMeant = (request: SeenRequest) => !only || only.some((kind) => store.requests[kind](request));
      store.proxy.forget();
      store.proxy.inject({
        when: (request) => isMeant(request) && isFirst(seen, request),
        fault: fault(store),
        times: Infinity,
      });
      const ran = await set.run(0, PATIENCE);
      store.proxy.heal();
      expect([ran.exit, ran.stderr]).toEqual([EXIT.success, '']);
      for (const kind of only ?? (['piece', 'complete', 'manifest', 'list'] as const)) {
        expect([kind, store.proxy.requests.some((one) => one.fault && store.requests[kind](one))]).toEqual([
          kind,
          true,
        ]);
      }
      const retries = ran.events.filter((one) => one.event === 'store_retry');
      expect(retries.length).toBeGreaterThan(0);
      for (const { message } of retries) expect(message).toMatch(says);
      await expectWhole(set, 'cloud');
    },
    60_000,
  );

  test.each(LASTING.filter(({ name }) => faults.test(name)))(
    '$name at every $at: the store is left out and named, and whole the next time',
    async ({ name, fault, says, at }) => {
      const set = dataSet(`${name} ${at}`);
      store.proxy.inject({ when: store.requests[at], fault: fault(store), times: Infinity });
      const ran = await set.run(0, name === 'does not answer' ? { idleMilliseconds: 50 } : {});
      store.proxy.heal();
      expect(ran.exit).toBe(EXIT.degraded);
      expect(ran.stderr).toMatch(new RegExp(`^not stored in ${store.id} \\(.*\\)\n$`));
      expect(ran.stderr).toMatch(says);
      expect(await backupsOn(set.cloud)).toEqual([]);
      expect((await set.list()).map((one) => one.store)).toEqual(['local']);
      await expectWhole(set, 'local');

      writeFileSync(path.join(source, 'later'), `${name} ${at}`);
      expect((await set.run(1, {})).exit).toBe(EXIT.success);
      await expectWhole(set, 'cloud');
    },
    60_000,
  );
}

/** A request that was not seen before; pieces of one upload may differ in a header alone. */
function isFirst(seen: Set<string>, { method, path: name, query, headers }: SeenRequest): boolean {
  const key = [method, name, query.toString(), headers['content-range']].join(' ');
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}
