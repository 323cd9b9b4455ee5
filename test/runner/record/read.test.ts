import type { RestoreRecord } from '../../../lib/contract/restore-record';
import { recordKey } from '../../../lib/runner/object-key';
import { RECORD_TYPE, encodeEnvelope, preAuthEncoding } from '../../../lib/runner/record/envelope';
import type { RecordKey } from '../../../lib/runner/record/key';
import { readRecords } from '../../../lib/runner/record/read';
import { StoreError } from '../../../lib/runner/store/store';
import { MemoryStore } from '../memory-store';
import { makeKeys } from './keys';
import { opened, recordOf } from './records';

const keys = makeKeys();
afterAll(() => keys.stop());
const NOW = new Date('2026-12-01T00:00:00Z');

let signer: RecordKey;
let other: RecordKey;
let store: MemoryStore;
beforeAll(async () => {
  signer = await opened(keys.ed25519.privatePath);
  other = await opened(keys.p256.privatePath);
});
beforeEach(() => {
  store = new MemoryStore();
});

async function envelope(payload: object, key = signer, keyid: string | undefined = key.id): Promise<Buffer> {
  const bytes = Buffer.from(JSON.stringify(payload));
  const sig = await (key.sign as NonNullable<RecordKey['sign']>)(preAuthEncoding(RECORD_TYPE, bytes));
  return encodeEnvelope({ payload: bytes, payloadType: RECORD_TYPE, signatures: [{ keyid, sig }] });
}

const nameOf = (random: string, task = 'test', kind: RestoreRecord['kind'] = 'test-restore') =>
  recordKey(task, { slot: '20261123T050000Z', kind, random });

async function put(random: string, bytes: Buffer, name = nameOf(random)): Promise<void> {
  await store.create(name, bytes, {});
}

async function read(known: readonly string[] = [keys.ed25519.publicPath]) {
  const options = { task: 'test', keys: await Promise.all(known.map(opened)), now: NOW };
  const { good, problems } = await readRecords({ store }, options);
  kinds = problems.map(({ kind }) => kind);
  return { good: good.map(({ record }) => record.startedAt), why: problems.map(({ why }) => why) };
}
let kinds: string[];

/** As an object that anybody wrote who knows the signer's name. */
function changed(bytes: Buffer, change: (record: RestoreRecord) => object): Buffer {
  const json = JSON.parse(bytes.toString()) as { payload: string };
  const record = JSON.parse(Buffer.from(json.payload, 'base64').toString()) as RestoreRecord;
  return Buffer.from(
    JSON.stringify({ ...json, payload: Buffer.from(JSON.stringify(change(record))).toString('base64') }),
  );
}

test('records come newest first by their own words, whatever they are called', async () => {
  const days = ['2026-11-09T05:00:00.000Z', '2026-11-23T05:00:00.000Z', '2026-11-16T05:00:00.000Z'];
  for (const [index, startedAt] of days.entries()) await put(`a${index}`, await envelope(recordOf({ startedAt })));
  expect(await read()).toEqual({ good: [days[1], days[2], days[0]], why: [] });
});

test('more records than are read at a time are all read', async () => {
  for (let n = 0; n < 40; n += 1) await put(n.toString(16).padStart(4, '0'), await envelope(recordOf()));
  expect((await read()).good).toHaveLength(40);
});

test('what was changed after it was signed is no record', async () => {
  const failed = await envelope(recordOf({ result: 'failed' }));
  await put(
    'a1',
    changed(failed, (record) => ({ ...record, result: 'passed' })),
  );
  expect(await read()).toEqual({ good: [], why: [expect.stringMatching(/its signature is not of what it says/)] });
  expect(kinds).toEqual(['record']);
});

test('a stranger’s signature is no signature, whatever name it bears', async () => {
  await put('a1', await envelope(recordOf(), other));
  await put('a2', await envelope(recordOf(), other, signer.id));
  expect(await read()).toEqual({
    good: [],
    why: [
      expect.stringMatching(`not known here \\(${other.id}\\): .* by another --record-key; .*forged`),
      expect.stringMatching(/never signed by that key/),
    ],
  });
  expect(kinds).toEqual(['unknown_key', 'record']);
});

test('a good signature without a name of its key is good', async () => {
  const { keyid: _, ...nameless } = (
    JSON.parse((await envelope(recordOf())).toString()) as {
      signatures: { keyid: string; sig: string }[];
    }
  ).signatures[0] as { keyid: string; sig: string };
  const json = JSON.parse((await envelope(recordOf())).toString()) as object;
  await put('a1', Buffer.from(JSON.stringify({ ...json, signatures: [nameless] })));
  expect((await read()).good).toHaveLength(1);
});

test('an older key is known beside the new one', async () => {
  await put('a1', await envelope(recordOf(), other));
  await put('a2', await envelope(recordOf(), signer));
  expect(await read([keys.ed25519.publicPath, keys.p256.publicPath])).toMatchObject({ why: [] });
});

test('a record of another data set does not count here', async () => {
  await put('a1', await envelope(recordOf({ task: 'shop' })));
  expect(await read()).toEqual({ good: [], why: ['it is a record of data set shop'] });
});

test('the folder of a data set whose name begins alike is not looked at', async () => {
  await put('a1', await envelope(recordOf({ task: 'test2' })), nameOf('a1', 'test2'));
  expect(await read()).toEqual({ good: [], why: [] });
});

test.each<[string, () => Promise<Buffer>, RegExp]>([
  ['bytes of anything', () => Promise.resolve(Buffer.from('\u0000')), /^no signed envelope/],
  ['a signed manifest', () => envelope({ version: 1, slot: 'x' }), /^no record: /],
  ['a record of a newer program', () => envelope({ ...recordOf(), version: 2 }), /version 2, which a newer program/],
  ['a drill by its words alone', () => envelope(recordOf({ kind: 'drill' })), /by its name it is a test-restore/],
  ['tomorrow', () => envelope(recordOf({ startedAt: '2026-12-01T00:00:01Z' })), /from the future/],
  ['far too much', () => Promise.resolve(Buffer.alloc(4 * 1024 * 1024 + 1)), /^4194305 bytes are no record/],
])('%s is told and not believed', async (_, bytes, why) => {
  await put('a1', await bytes());
  expect(await read()).toEqual({ good: [], why: [expect.stringMatching(why)] });
});

test('another object in the folder is told', async () => {
  await put('', await envelope(recordOf()), '_records/test/readme.txt');
  expect(await read()).toEqual({ good: [], why: ['it has no name of a record'] });
});

test('what lies over a record is seen through, and told', async () => {
  await put('a1', await envelope(recordOf()));
  store.overwrite(nameOf('a1'), Buffer.from('later'), new Date('2026-11-30'));
  await put('a2', await envelope(recordOf()));
  await store.remove(nameOf('a2'), undefined);
  expect(await read()).toEqual({
    good: ['2026-11-23T05:00:00.000Z', '2026-11-23T05:00:00.000Z'],
    why: [expect.stringMatching(/its first version counts/), expect.stringMatching(/its first version counts/)],
  });
});

describe('a record that the store does not give', () => {
  beforeEach(async () => {
    await put('a1', await envelope(recordOf()));
    await put('a2', await envelope(recordOf({ startedAt: '2026-11-24T05:00:00.000Z' })));
  });

  const failing = (thrown: Error) => {
    const given = store.read.bind(store);
    store.read = (key, options) => (key === nameOf('a2') ? Promise.reject(thrown) : given(key, options));
  };

  test.each<[StoreError['kind'], string[]]>([
    ['denied', ['config']],
    ['refused', ['config']],
    ['missing', ['record']],
    ['damaged', ['record']],
  ])('is told, and the others are not lost: %s', async (kind, told) => {
    failing(new StoreError(kind, 'not that one'));
    expect(await read()).toEqual({
      good: ['2026-11-23T05:00:00.000Z'],
      why: ['it cannot be read: not that one'],
    });
    expect(kinds).toEqual(told);
  });

  test('is asked for again another time, if it may be there then', async () => {
    failing(new StoreError('retry', 'away'));
    await expect(read()).rejects.toMatchObject({ kind: 'retry' });
  });

  test('is a bug where it is one', async () => {
    failing(new TypeError('a bug'));
    await expect(read()).rejects.toThrow('a bug');
  });

  test('is passed over where it lies in an archive that no list tells of', async () => {
    failing(new StoreError('archived', 'in an archive'));
    expect(await read()).toEqual({ good: ['2026-11-23T05:00:00.000Z'], why: [] });
  });

  test('is not asked for where a list says that it lies in one', async () => {
    const list = store.list.bind(store);
    store.list = async function* (prefix, options) {
      for await (const one of list(prefix, options))
        yield one.key === nameOf('a2') ? { ...one, archive: { state: 'archived', tier: 'GLACIER' } } : one;
    };
    const reads = store.calls('read');
    expect(await read()).toEqual({ good: ['2026-11-23T05:00:00.000Z'], why: [] });
    expect(store.calls('read') - reads).toBe(1);
  });
});
