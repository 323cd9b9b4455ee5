import type { RestoreRecord } from '../../../lib/contract';
import { expectedOf } from '../../../lib/runner/restore/expected';
import type { LastRestore } from '../../../lib/runner/restore/last-restore';
import type { PlacedChain } from '../../../lib/runner/restore/point';
import { manifestOf } from '../manifests';

/** A chain of so many stored bytes, of which each backup took ten minutes. */
function chain(...sizes: readonly number[]): PlacedChain {
  const members = sizes.map((bytes, day) => {
    const { manifest } = manifestOf(day, 'full', 9);
    const [stream] = manifest.streams;
    const [encoding] = stream?.encodings ?? [];
    const endedAt = new Date(Date.parse(manifest.startedAt) + 600_000).toISOString();
    return {
      manifest: { ...manifest, endedAt, streams: [{ ...stream, encodings: [{ ...encoding, bytes }] }] },
      entry: { objects: [] },
    };
  });
  return { place: { store: { id: 'local' } }, members } as unknown as PlacedChain;
}

const last = (record: Partial<RestoreRecord>) => ({ store: 'local', record }) as unknown as LastRestore;
const backup = { slot: 's', type: 'full', sha256: '0', pointInTime: '2027-01-02T05:00:00Z', bytes: 1e9 } as const;

test('is what the newest restore on record took, by its bytes, and never less than that', () => {
  const measured = last({ rtoAchievedSeconds: 120, backup });
  expect(expectedOf(chain(2e9, 1e9), measured)).toEqual({ expectedSeconds: 360, expectedFrom: 'restore' });
  expect(expectedOf(chain(1e6), measured)).toEqual({ expectedSeconds: 120, expectedFrom: 'restore' });
});

test.each([
  [undefined],
  [last({})],
  [last({ rtoAchievedSeconds: 120 })],
  [last({ rtoAchievedSeconds: 120, backup: { ...backup, bytes: 0 } })],
])('is as long as taking it took where nothing was measured (%#)', (record) => {
  expect(expectedOf(chain(2e9, 1e9), record)).toEqual({ expectedSeconds: 1200, expectedFrom: 'backup' });
});
