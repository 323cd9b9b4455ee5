import type { BackupOutcome } from '../outcome';
import type { TaskManifest } from '../../contract';

/** What a run says of itself, in numbers; every format is made from this one event. */
export interface RunEvent {
  readonly task: string;
  readonly engine: string;
  readonly type: string;
  readonly at: Date;
  readonly success: 0 | 1;
  readonly degraded: 0 | 1;
  readonly durationSeconds: number;
  readonly bytesIn: number;
  readonly bytesStored: number;
  /** Bytes read to bytes stored; 0 where nothing was stored. */
  readonly compressionRatio: number;
  readonly encrypted: 0 | 1;
  readonly stores: number;
}

export function runEvent(task: TaskManifest, outcome: BackupOutcome, durationSeconds: number, at: Date): RunEvent {
  const manifest = outcome.manifest?.manifest;
  const encodings = manifest?.streams.flatMap((stream) => stream.encodings) ?? [];
  const bytesIn = manifest?.streams.reduce((sum, stream) => sum + stream.bytes, 0) ?? 0;
  const bytesStored = manifest?.streams.reduce((sum, stream) => sum + (stream.encodings[0]?.bytes ?? 0), 0) ?? 0;
  return {
    task: task.name,
    engine: task.engine,
    type: manifest?.type ?? 'none',
    at,
    success: outcome.manifest ? 1 : 0,
    degraded: outcome.exit === 3 ? 1 : 0,
    durationSeconds,
    bytesIn,
    bytesStored,
    compressionRatio: bytesStored === 0 ? 0 : bytesIn / bytesStored,
    encrypted: encodings.length > 0 && encodings.every((one) => one.encryption !== 'none') ? 1 : 0,
    stores: outcome.stored.length,
  };
}
