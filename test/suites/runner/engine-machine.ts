import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TaskManifest } from '../../../lib/contract';
import type { EngineRun, RunContents, SourceStream } from '../../../lib/runner/engine/engine';
import type { LogEvent, Machine } from '../../../lib/runner/machine';

export interface TestMachine extends Machine {
  readonly events: LogEvent[];
  readonly controller: AbortController;
}

/** Milliseconds: waits of a minute end at once, and what only looks around now and then leaves the processor alone. */
const LONGEST_WAIT = 5;

/** As the program has it. */
setMaxListeners(100);

export function testMachine(
  environment: Readonly<Record<string, string>> = {},
  now: () => Date = () => new Date(),
): TestMachine {
  const events: LogEvent[] = [];
  const controller = new AbortController();
  return {
    environment: { PATH: process.env.PATH, ...environment },
    now,
    seconds: () => process.uptime(),
    wait: (milliseconds, signal) =>
      pause(Math.min(milliseconds, LONGEST_WAIT), undefined, { signal }).catch(() => undefined),
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
    stateFolder: mkdtempSync(path.join(tmpdir(), 'hypdr-state-')),
    log: (event) => void events.push(event),
    signal: controller.signal,
    version: '0.0.0-test',
    events,
    controller,
  };
}

export function testTask(changes: Partial<TaskManifest>): TaskManifest {
  const node = { id: 'task.test', from: [] };
  return {
    ...node,
    version: 1,
    name: 'test',
    engine: 'postgresql',
    tool: 'pg_dump',
    cloud: 'aws',
    host: 'container',
    source: { kind: 'database', secret: 'test/test', environment: [] },
    options: {},
    window: { ...node, start: '02:00', end: '04:00', timeZone: 'UTC' },
    runs: [],
    local: null,
    stores: [],
    copies: [],
    validation: { ...node, checksum: true, cadence: { kind: 'weekly' }, queries: [] },
    hardStop: false,
    maxParallel: 1,
    hooks: {},
    ...changes,
  } as TaskManifest;
}

export interface ReadStream extends Omit<SourceStream, 'output' | 'ended'> {
  readonly bytes: Buffer;
}

/** Reads all streams of a run as the runner does: each to its end, then its producer's word on it. */
export async function readRun(run: EngineRun): Promise<RunContents & { readonly streams: readonly ReadStream[] }> {
  const streams: ReadStream[] = [];
  for await (const { output, ended, ...facts } of run.streams()) {
    const chunks: Buffer[] = [];
    for await (const chunk of output as AsyncIterable<Buffer>) chunks.push(chunk);
    await ended;
    streams.push({ ...facts, bytes: Buffer.concat(chunks) });
  }
  return { ...(await run.finish()), streams };
}
