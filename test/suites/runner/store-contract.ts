import { bytesOf, failureOf, keysOf, objectsOf, someBytes, upload } from '../../runner/store/bytes';
import type { FaultProxy } from '../../runner/store/fault-proxy';
import type { TestMachine } from '../../runner/store/store-machine';
import type { StoreLimits } from '../../../lib/runner/store/limits';
import type { Store } from '../../../lib/runner/store/store';

/** A store on a real server, and what the tests need to know of it. */
export interface StoreHarness {
  readonly machine: TestMachine;
  /** Stands between store and server; a folder has none. */
  readonly proxy?: FaultProxy;
  /** Which requests do what, by the proxy's lines. */
  readonly requests: {
    readonly put: (line: string) => boolean;
    readonly part: (line: string) => boolean;
    readonly commit: (line: string) => boolean;
    readonly list: (line: string) => boolean;
  };
  readonly partBytes: number;
  open(limits?: Partial<StoreLimits>): Promise<Store>;
  /** The same server, under a name that it doesn't hold. */
  openMissing(): Promise<Store>;
  /** The same bucket with a wrong secret. */
  openWrong?(): Promise<Store>;
  /** Writes over an object behind the store's back. */
  overwrite?(key: string, body: Buffer): Promise<void>;
  /** What is left of uploads that never ended, where the server can say. */
  unfinished?(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** What a kind of store has, which decides what can be asked of it. */
export interface StoreTraits {
  /** What a server behind a network does; a folder has none. */
  readonly network?: {
    /** Whether a part can be sent twice. */
    readonly resends: boolean;
    /** Whether bytes that changed on their way are refused, and not only noticed. */
    readonly refusesDamage: boolean;
  };
  readonly secrets: boolean;
  readonly versions: 'none' | 'versions' | 'versions and markers';
}

/** What every store does, whatever is behind it. */
export function storeContract(name: string, traits: StoreTraits, start: () => Promise<StoreHarness>): void {
  describe(name, () => {
    let harness: StoreHarness;
    let store: Store;
    let part: number;

    beforeAll(async () => {
      harness = await start();
      part = harness.partBytes;
      store = await harness.open({ partBytes: part });
    }, 120_000);
    afterAll(async () => {
      await store?.close();
      await harness?.stop();
    }, 60_000);
    beforeEach(() => harness.proxy?.heal());

    // What a kind of store cannot have is no test of it, not even a skipped one.
    const where = (has: boolean): ((title: string, work: () => Promise<void>, timeout?: number) => void) =>
      has ? it : () => undefined;
    const proxied = (title: string, work: (proxy: FaultProxy) => Promise<void>) => {
      const run = async () => {
        if (!harness.proxy) throw new Error('no proxy stands before the server');
        await work(harness.proxy);
      };
      where(traits.network !== undefined)(title, run, 60_000);
    };

    it('gives back the exact bytes of objects of odd sizes', async () => {
      for (const bytes of [0, 1, part - 1, part, part + 1, 2 * part + 17]) {
        const body = someBytes(bytes);
        const receipt = await upload(store, `sizes/${bytes}`, body);
        expect(receipt.bytes).toBe(bytes);
        expect((await bytesOf(await store.read(`sizes/${bytes}`))).equals(body)).toBe(true);
        const seen = await store.head(`sizes/${bytes}`);
        expect(seen).toMatchObject({ bytes, deleteMarker: false });
        if (receipt.checksum !== undefined && seen?.checksum !== undefined)
          expect(seen.checksum).toBe(receipt.checksum);
        if (receipt.version !== undefined) expect(seen?.version).toBe(receipt.version);
      }
    }, 60_000);

    it('takes an object of many parts within its limit', async () => {
      const limits = { partBytes: part, maxParts: 10 };
      const body = someBytes(7 * part + 3);
      await upload(await harness.open(limits), 'many/parts', body);
      expect((await bytesOf(await store.read('many/parts'))).equals(body)).toBe(true);
    }, 60_000);

    proxied('refuses an object of more parts than its limit', async () => {
      // One part, and another of the double size, are all that a limit of two allows.
      const small = await harness.open({ partBytes: part, maxParts: 2 });
      expect(await failureOf(upload(small, 'many-more/parts', someBytes(3 * part + 1)))).toBe('refused');
      expect(await keysOf(store.list('many-more/'))).toEqual([]);
    });

    it('never writes over an object', async () => {
      const first = someBytes(part + 5, 'first');
      await upload(store, 'taken/by-parts', first);
      expect(await failureOf(upload(store, 'taken/by-parts', someBytes(part + 6)))).toBe('foreign');
      expect(await failureOf(upload(store, 'taken/by-parts', someBytes(7)))).toBe('foreign');
      expect((await bytesOf(await store.read('taken/by-parts'))).equals(first)).toBe(true);

      expect(await store.create('taken/once.manifest.json', Buffer.from('one'), {})).toMatchObject({ kind: 'created' });
      expect(await store.create('taken/once.manifest.json', Buffer.from('two'), {})).toEqual({ kind: 'exists' });
      expect((await bytesOf(await store.read('taken/once.manifest.json'))).toString()).toBe('one');
    }, 60_000);

    it('leaves nothing in the list after an abort, however far the upload was', async () => {
      const started = store.upload('aborted/started', {});
      await started.write(someBytes(10));
      await started.abort();
      const far = store.upload('aborted/far', {});
      await far.write(someBytes(2 * part + 10));
      await far.abort();
      await far.abort();
      await store.upload('aborted/empty', {}).abort();
      expect(await keysOf(store.list('aborted/'))).toEqual([]);
      await expect(far.write(someBytes(10))).rejects.toThrow('aborted');
      await expect(far.finish()).rejects.toThrow('aborted');
      expect((await harness.unfinished?.()) ?? []).toEqual([]);
    }, 60_000);

    it('lists what a prefix begins, in the order of the keys', async () => {
      const keys = [
        'order/a-b/1',
        'order/a/1',
        'order/a.b',
        'order/a/10',
        'order/a/2',
        'order/b',
        'order/é',
        'orders/x',
      ];
      for (const key of keys) await store.create(key, Buffer.from(key), {});
      const sorted = keys
        .filter((key) => key !== 'orders/x')
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(await keysOf(store.list('order/'))).toEqual(sorted);
      expect(await keysOf(store.list('order/a/1'))).toEqual(['order/a/1', 'order/a/10']);
      expect(await keysOf(store.list('order/a'))).toEqual(sorted.filter((key) => key.startsWith('order/a')));
      expect(await keysOf(store.list('nothing/here/'))).toEqual([]);
      const [first] = await objectsOf(store.list('order/b'));
      expect(first).toMatchObject({ key: 'order/b', bytes: 7, latest: true, deleteMarker: false });
      expect(first?.modified.getTime()).toBeGreaterThan(0);
    }, 60_000);

    it('says that an object is not there', async () => {
      expect(await store.head('not/there')).toBeUndefined();
      expect(await failureOf(store.read('not/there'))).toBe('missing');
    });

    it('removes what a pruner removes', async () => {
      const { version } = await upload(store, 'removed/one', someBytes(3));
      await store.remove('removed/one', version);
      expect(await keysOf(store.list('removed/', { versions: 'all' }))).toEqual([]);
    });

    where(traits.versions !== 'none')(
      'shows later versions and delete markers, and reads the one that was meant',
      async () => {
        const { version } = await upload(store, 'versions/one', Buffer.from('first'));
        expect(version).toBeDefined();
        await harness.overwrite?.('versions/one', Buffer.from('forged'));
        const both = await objectsOf(store.list('versions/', { versions: 'all' }));
        expect(both).toHaveLength(2);
        expect(both.filter((one) => one.latest)).toHaveLength(1);
        expect(both.find((one) => one.version === version)).toMatchObject({ latest: false, bytes: 5 });
        expect((await bytesOf(await store.read('versions/one', { version }))).toString()).toBe('first');
        expect((await store.head('versions/one', version))?.bytes).toBe(5);
        expect((await bytesOf(await store.read('versions/one'))).toString()).toBe('forged');

        await store.remove('versions/one', undefined);
        expect(await keysOf(store.list('versions/'))).toEqual([]);
        const after = await objectsOf(store.list('versions/', { versions: 'all' }));
        expect(after.filter((one) => one.deleteMarker)).toHaveLength(traits.versions === 'versions' ? 0 : 1);
        expect(after.filter((one) => one.latest && !one.deleteMarker)).toEqual([]);
        expect((await bytesOf(await store.read('versions/one', { version }))).toString()).toBe('first');
      },
      60_000,
    );

    it('says which bucket is missing', async () => {
      // A folder is looked for when it is opened.
      const work = harness.openMissing().then((missing) => upload(missing, 'missing/one', someBytes(5)));
      expect(await failureOf(work)).toBe('missing');
    });

    where(traits.secrets)('is refused with a wrong secret', async () => {
      const wrong = await (harness.openWrong ?? harness.open)();
      expect(await failureOf(upload(wrong, 'wrong/one', someBytes(5)))).toBe('denied');
      expect(await failureOf(keysOf(wrong.list('')))).toBe('denied');
      expect(harness.machine.events.map((one) => one.message).join('\n')).not.toContain('Signature=');
    });

    proxied('knows its own object after a lost answer', async (proxy) => {
      const { put, commit } = harness.requests;
      const small = someBytes(100);
      proxy.add({ matches: (line) => line.includes('lost') && put(line), times: 1, kind: { kind: 'lost_answer' } });
      expect((await upload(store, 'lost/small', small)).bytes).toBe(100);
      proxy.heal();
      const large = someBytes(part + 9);
      proxy.add({ matches: commit, times: 1, kind: { kind: 'lost_answer' } });
      expect((await upload(store, 'lost/large', large)).bytes).toBe(part + 9);
      proxy.heal();
      proxy.add({ matches: put, times: 1, kind: { kind: 'lost_answer' } });
      expect(await store.create('lost/x.manifest.json', Buffer.from('{}'), {})).toMatchObject({ kind: 'created' });
      expect((await bytesOf(await store.read('lost/small'))).equals(small)).toBe(true);
      expect((await bytesOf(await store.read('lost/large'))).equals(large)).toBe(true);
    });

    proxied('tries again after 500, 503, a throttle, a cut and a lost answer of a part', async (proxy) => {
      const { put, part: isPart, commit, list } = harness.requests;
      const faults = [
        { kind: 'status', status: 500 },
        { kind: 'status', status: 503 },
        { kind: 'status', status: 429 },
        { kind: 'cut' },
        { kind: 'lost_answer' },
      ] as const;
      for (const [index, kind] of faults.entries()) {
        if (kind.kind === 'lost_answer' && !traits.network?.resends) continue;
        const body = someBytes(2 * part + 9, `${index}`);
        proxy.add({ matches: isPart, times: 2, kind });
        if (kind.kind === 'status') {
          proxy.add({ matches: commit, times: 1, kind });
          proxy.add({ matches: put, times: 1, kind });
          proxy.add({ matches: list, times: 1, kind });
        }
        await upload(store, `again/large-${index}`, body);
        await upload(store, `again/small-${index}`, body.subarray(0, 9));
        expect((await bytesOf(await store.read(`again/large-${index}`))).equals(body)).toBe(true);
        expect(await keysOf(store.list(`again/small-${index}`))).toEqual([`again/small-${index}`]);
        proxy.heal();
      }
      expect(harness.machine.events.some((one) => one.event === 'store_retry')).toBe(true);
    });

    proxied('gives up after bounded tries, and leaves nothing', async (proxy) => {
      const waited = harness.machine.waits.length;
      proxy.add({ matches: harness.requests.part, times: 1000, kind: { kind: 'status', status: 503 } });
      proxy.add({ matches: harness.requests.put, times: 1000, kind: { kind: 'status', status: 503 } });
      expect(await failureOf(upload(store, 'down/large', someBytes(part + 3)))).toBe('retry');
      expect(await failureOf(upload(store, 'down/small', someBytes(3)))).toBe('retry');
      proxy.heal();
      // Nine for the small one, and for each part that was on its way.
      expect(harness.machine.waits.length - waited).toBeGreaterThanOrEqual(18);
      expect(harness.machine.waits.length - waited).toBeLessThanOrEqual(27);
      expect(await keysOf(store.list('down/'))).toEqual([]);
    });

    proxied('gives up a server that says nothing', async (proxy) => {
      const hasty = await harness.open({ partBytes: part, idleMilliseconds: 200 });
      proxy.add({ matches: harness.requests.put, times: 1, kind: { kind: 'silence' } });
      await upload(hasty, 'silence/one', someBytes(9));
      expect(await keysOf(store.list('silence/'))).toEqual(['silence/one']);
      await hasty.close();
    });

    proxied('never stores bytes that changed on their way', async (proxy) => {
      const { put, part: isPart, commit } = harness.requests;
      const flip = (line: string) => isPart(line) || put(line) || (commit(line) && line.includes('bytes '));
      proxy.add({ matches: flip, times: 1, kind: { kind: 'bit_flip' } });
      const small = someBytes(2000);
      const outcome = await upload(store, 'flip/small', small).catch((error: Error) => error);
      if (outcome instanceof Error) expect(await keysOf(store.list('flip/small'))).toEqual([]);
      else expect((await bytesOf(await store.read('flip/small'))).equals(small)).toBe(true);
      proxy.heal();

      proxy.add({ matches: flip, times: 1000, kind: { kind: 'bit_flip' } });
      expect(['damaged', 'denied']).toContain(await failureOf(upload(store, 'flip/large', someBytes(part + 100))));
      proxy.heal();
      if (traits.network?.refusesDamage) expect(await keysOf(store.list('flip/large'))).toEqual([]);
    });

    proxied('says what cuts a read short or stalls it', async (proxy) => {
      await upload(store, 'read/one', someBytes(part));
      proxy.add({ matches: (line) => line.startsWith('GET'), times: 1, kind: { kind: 'cut_answer' } });
      expect(await failureOf(store.read('read/one').then(bytesOf))).toBe('retry');
      const hasty = await harness.open({ partBytes: part, idleMilliseconds: 300 });
      proxy.add({ matches: (line) => line.startsWith('GET'), times: 1, kind: { kind: 'stalled_answer' } });
      expect(await failureOf(hasty.read('read/one').then(bytesOf))).toBe('retry');
      await hasty.close();
    });

    proxied('ends at once when the run is interrupted', async (proxy) => {
      proxy.add({ matches: harness.requests.part, times: 1, kind: { kind: 'silence' } });
      const waited = harness.machine.waits.length;
      const going = store.upload('interrupted/one', {});
      await going.write(someBytes(part + 1));
      const ended = going.abort();
      await ended;
      expect(harness.machine.waits.length).toBe(waited);
      expect(await keysOf(store.list('interrupted/'))).toEqual([]);
      expect((await harness.unfinished?.()) ?? []).toEqual([]);
    });
  });
}
