import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { readLedger, readManifests } from '../../lib/runner/history';
import { READ_AT_ONCE, readMany } from '../../lib/runner/read-many';
import { StoreError } from '../../lib/runner/store/store';
import { manifestOf } from './manifests';
import { MemoryStore } from './memory-store';

/** Answers after some turns of the event loop, so that of many things at once any may be the first. */
async function takeTurns<T extends { readonly count: number }>(one: T): Promise<T> {
  for (let turn = 0; turn < one.count; turn += 1) await setImmediate();
  return one;
}

async function collected<T>(answers: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const answer of answers) all.push(answer);
  return all;
}

describe('what a list names', () => {
  test('is answered in its order, whatever takes long', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20)), async (turns) => {
        const answers = await collected(
          readMany(
            turns.map((count, at) => ({ count, at })),
            takeTurns,
          ),
        );
        expect(answers.map(({ at }) => at)).toEqual(turns.map((_, index) => index));
      }),
    );
  });

  test('is read many at once, and not all', async () => {
    let [now, most] = [0, 0];
    const read = async (at: number) => {
      most = Math.max(most, (now += 1));
      await setImmediate();
      now -= 1;
      return { at };
    };
    const names = Array.from({ length: 100 }, (_, index) => index);
    expect(await collected(readMany(names, read))).toHaveLength(100);
    expect(most).toBe(READ_AT_ONCE);
  });

  test('ends with the error of what fails, as it was', async () => {
    const error = new StoreError('denied', 'no');
    const read = (at: number) => (at === 7 ? Promise.reject(error) : Promise.resolve({ at }));
    await expect(collected(readMany([1, 7, 8], read))).rejects.toBe(error);
  });
});

describe('a data set with many backups', () => {
  test.each([
    ['manifests', 'days/', (place: { store: MemoryStore; path: string }) => readManifests(place, 'test')],
    ['ledger', '_verified/test/', (place: { store: MemoryStore; path: string }) => readLedger(place, 'test')],
  ])('its %s is read many at once', async (_, folder, read) => {
    let [now, most] = [0, 0];
    const store = new MemoryStore({
      fault: async ({ step, phase }) => {
        if (step !== 'read' || phase !== 'before') return;
        most = Math.max(most, (now += 1));
        await setImmediate();
        now -= 1;
      },
    });
    for (let day = 0; day < 40; day += 1) {
      const one = manifestOf(day, 'full', 30);
      await store.create(`${folder}${one.manifest.slot}-full.manifest.json`, one.bytes, {});
    }
    await read({ store, path: folder.startsWith('_') ? '' : folder });
    expect(most).toBe(READ_AT_ONCE);
  });
});
