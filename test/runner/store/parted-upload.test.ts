import { partedUpload } from '../../../lib/runner/store/parted-upload';
import type { PartTarget } from '../../../lib/runner/store/parted-upload';
import { StoreError } from '../../../lib/runner/store/store';
import { failureOf, someBytes } from './bytes';

interface Sent {
  readonly number: number;
  readonly body: Buffer;
  answer(): void;
  fail(error: Error): void;
}

/** A store whose answers the test gives. */
function target() {
  const sent: Sent[] = [];
  const log: string[] = [];
  const store: PartTarget<number> = {
    whole: (body) => {
      log.push(`whole ${body.length}`);
      return Promise.resolve({ bytes: body.length });
    },
    part: (number, body, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new StoreError('retry', 'cut')));
        sent.push({ number, body: Buffer.from(body), answer: () => resolve(number), fail: reject });
      }),
    commit: (parts, bytes) => {
      log.push(`commit ${parts.join(',')}`);
      return Promise.resolve({ bytes });
    },
    abandon: () => {
      log.push('abandon');
      return Promise.resolve();
    },
  };
  return { store, sent, log };
}

const limits = { partBytes: 10, maxParts: 1000, parallel: 2, idleMilliseconds: 1000 };
const never = new AbortController().signal;
/** Lets everything happen that needs no answer. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('an upload in parts', () => {
  it('takes no more than fits while all parts are on their way', async () => {
    const { store, sent } = target();
    const upload = partedUpload(store, limits, never);
    let written = false;
    const writing = upload.write(someBytes(45)).then(() => (written = true));
    await settle();
    expect(sent.map((one) => one.number)).toEqual([1, 2]);
    expect(written).toBe(false);
    sent[1]?.answer();
    await settle();
    expect(sent.map((one) => one.number)).toEqual([1, 2, 3]);
    expect(written).toBe(false);
    sent[0]?.answer();
    sent[2]?.answer();
    await settle();
    expect(written).toBe(true);
    await writing;
    await upload.abort();
  });

  it('commits the parts in their order, however they arrived', async () => {
    const { store, sent, log } = target();
    const upload = partedUpload(store, { ...limits, parallel: 4 }, never);
    const body = someBytes(35);
    await upload.write(body);
    const finished = upload.finish();
    await settle();
    for (const one of [...sent].reverse()) one.answer();
    expect(await finished).toEqual({ bytes: 35 });
    expect(log).toEqual(['commit 1,2,3,4']);
    expect(Buffer.concat(sent.map((one) => one.body)).equals(body)).toBe(true);
  });

  it('sends what fits into one part whole', async () => {
    for (const bytes of [0, 1, 9]) {
      const { store, log } = target();
      const upload = partedUpload(store, limits, never);
      await upload.write(someBytes(bytes));
      expect(await upload.finish()).toEqual({ bytes });
      expect(log).toEqual([`whole ${bytes}`]);
    }
  });

  it('ends with a failed part: the others are cut, nothing is committed, parts are abandoned', async () => {
    const { store, sent, log } = target();
    const upload = partedUpload(store, limits, never);
    await upload.write(someBytes(20));
    sent[0]?.fail(new StoreError('denied', 'no'));
    expect(await failureOf(upload.finish())).toBe('denied');
    expect(await failureOf(upload.write(someBytes(1)))).toBe('denied');
    expect(log).toEqual(['abandon']);
  });

  it('tells the writer of a failed part at the next write', async () => {
    const { store, sent, log } = target();
    const upload = partedUpload(store, limits, never);
    await upload.write(someBytes(10));
    sent[0]?.fail(new StoreError('full', 'no space'));
    await settle();
    expect(await failureOf(upload.write(someBytes(1)))).toBe('full');
    await upload.abort();
    expect(log).toEqual(['abandon']);
  });

  it('waits for the parts on their way before it abandons them, and does so once', async () => {
    const { store, log } = target();
    const upload = partedUpload(store, limits, never);
    await upload.write(someBytes(20));
    await Promise.all([upload.abort(), upload.abort()]);
    expect(log).toEqual(['abandon']);
    expect(await failureOf(upload.finish())).toBe('retry');
  });

  it('ends when the run ends', async () => {
    const { store, log } = target();
    const run = new AbortController();
    const upload = partedUpload(store, limits, run.signal);
    await upload.write(someBytes(10));
    run.abort();
    expect(await failureOf(upload.finish())).toBe('retry');
    expect(log).toEqual(['abandon']);
  });
});
