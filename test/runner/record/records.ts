import type { RestoreRecord } from '../../../lib/contract/restore-record';
import { openRecordKey } from '../../../lib/runner/record/key';
import type { RecordKey } from '../../../lib/runner/record/key';
import { testMachine } from '../store/store-machine';

/** A record of a test restore on a day of 2026, with what a test changes of it. */
export function recordOf(changes: Partial<RestoreRecord> = {}): RestoreRecord {
  return {
    version: 1,
    kind: 'test-restore',
    task: 'test',
    engine: 'files',
    startedAt: '2026-11-23T05:00:00.000Z',
    endedAt: '2026-11-23T05:04:00.000Z',
    result: 'passed',
    steps: [{ step: 'restore', seconds: 200 }],
    checks: [{ kind: 'count', name: 'orders', result: 'passed', expected: '3', found: '3' }],
    warnings: [],
    tools: { runner: '0.1.0' },
    ...changes,
  };
}

export const opened = (path: string): Promise<RecordKey> => openRecordKey(path, testMachine());
