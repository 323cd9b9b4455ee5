import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackupType, TaskManifest } from '../../../lib/contract';
import { backup } from '../../../lib/runner/backup';
import { EXIT } from '../../../lib/runner/exit-code';
import type { Machine } from '../../../lib/runner/machine';
import { verifyQuick } from '../../../lib/runner/verify';
import { testMachine } from '../../suites/runner/engine-machine';
import type { DatabasePoint, Expected, FilesPoint, Point } from '../expected';
import { taskOf } from './task';
import type { SetTask } from './task';

export interface Step {
  readonly type: BackupType;
  /** Changes the source before the run. */
  readonly before?: () => Promise<unknown> | void;
}

export interface SetPlan {
  /** Folder that the set is written to; it must not be there. */
  readonly folder: string;
  readonly version: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly task: Omit<SetTask, 'store' | 'name'>;
  readonly steps: readonly Step[];
  /** Looks at the source as it is backed up. */
  contents(): Promise<Contents> | Contents;
}

type Contents = Omit<DatabasePoint, 'slot' | 'type'> | Omit<FilesPoint, 'slot' | 'type'>;

const HOUR = 3_600_000;
/** Parts of a second store's objects, each twice the one before: segments of 7.5 KiB. */
const SMALL = { partBytes: 512, maxParts: 4 };

/** Runs each step with the runner, verifies each, and keeps the folder with what a restore has to bring back. */
export async function writeSet(plan: SetPlan): Promise<void> {
  const work = mkdtempSync(path.join(tmpdir(), 'hypdr-corpus-'));
  const store = path.join(work, 'set/store');
  mkdirSync(store, { recursive: true });
  const task = taskOf({ ...plan.task, name: 'shop', store });
  const state = testMachine().stateFolder;
  const start = Date.now();
  const machineAt = (step: number): Machine => ({
    ...testMachine(plan.environment, () => new Date(start + step * HOUR)),
    stateFolder: state,
    version: plan.version,
    storeLimits: SMALL,
  });
  try {
    const points: Point[] = [];
    for (const [index, { type, before }] of plan.steps.entries()) {
      await before?.();
      const found = await plan.contents();
      const slot = await run(task, type, machineAt(index));
      points.push({ slot, type, ...found });
    }
    const expected: Expected = { task: task.name, points };
    writeFileSync(path.join(work, 'set/expected.json'), `${JSON.stringify(expected, null, 1)}\n`);
    mkdirSync(path.dirname(plan.folder), { recursive: true });
    cpSync(path.join(work, 'set'), `${plan.folder}.new`, { recursive: true });
    renameSync(`${plan.folder}.new`, plan.folder);
  } finally {
    rmSync(work, { recursive: true });
    rmSync(state, { recursive: true, force: true });
  }
}

/** @returns the slot */
async function run(task: TaskManifest, type: BackupType, machine: Machine): Promise<string> {
  const outcome = await backup(task, { type }, machine);
  const stored = outcome.manifest?.manifest;
  if (outcome.exit !== EXIT.success || stored?.type !== type) {
    throw new Error(`${task.engine} ${type}: ${outcome.why ?? stored?.fullBecause ?? 'not stored'}`);
  }
  const { findings } = await verifyQuick(task, machine);
  if (findings.length > 0) throw new Error(findings.map((one) => one.message).join('\n'));
  return stored.slot;
}
