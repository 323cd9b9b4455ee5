import type { BackupManifest, BackupType } from '../../lib/contract';
import { encodeManifest } from '../../lib/runner/manifest';
import type { StoredManifest } from '../../lib/runner/manifest';
import { slotOf } from '../../lib/runner/slot';

export const DAY = 86_400_000;
export const START = Date.UTC(2026, 10, 22, 2, 15);

/** A manifest of a day, kept for some days, that follows another one. */
export function manifestOf(
  day: number,
  type: BackupType,
  retention: number,
  parent?: StoredManifest,
  changes: Partial<BackupManifest> = {},
): StoredManifest {
  const at = new Date(START + day * DAY);
  const sha256 = '0'.repeat(64);
  return encodeManifest({
    version: 1,
    task: 'test',
    engine: 'files',
    type,
    for: [type],
    slot: slotOf(at),
    attempt: '0123456789abcdef',
    startedAt: at.toISOString(),
    endedAt: at.toISOString(),
    parent: parent ? { slot: parent.manifest.slot, type: parent.manifest.type, sha256: parent.sha256 } : null,
    source: { identity: {}, position: {} },
    pointInTime: at.toISOString(),
    tools: {},
    contents: [],
    streams: [
      {
        name: 'files',
        format: 'tar',
        compression: 'none',
        bytes: 0,
        sha256,
        encodings: [
          {
            encryption: 'none',
            stores: ['local'],
            bytes: 0,
            sha256,
            segments: [{ name: 'files.0001', bytes: 0, sha256, receipts: [] }],
          },
        ],
      },
    ],
    dropped: [],
    degraded: [],
    lockedUntil: at.toISOString(),
    expiresAt: new Date(at.getTime() + retention * DAY).toISOString(),
    ...changes,
  });
}
