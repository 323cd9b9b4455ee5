import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { startWorker } from './worker';
import type { FileOutcome, Looked, Worker } from './worker';

/** What became of one disabled check. */
export interface Verdict {
  readonly kind: 'red' | 'unnoticed' | 'unreached';
  /** The test that turned red. */
  readonly by: string;
}

/** Tests that come across a check. */
type Reaching = ReadonlyMap<string, readonly FileOutcome[]>;

/** Seconds after which tests that took so many with all checks count as endless. */
const patience = (seconds: number) => 10 + 5 * seconds;

/** Runs the tests with all checks on; then, without each check in turn, those that come across it, until one is red. */
export async function runChecks(looked: Looked, checks: readonly string[]): Promise<ReadonlyMap<string, Verdict>> {
  const workers = Array.from({ length: availableParallelism() }, () => startWorker(looked));
  try {
    const [first] = workers;
    const reaching = first ? await runAll(looked, first) : new Map<string, never>();
    const verdicts = new Map<string, Verdict>();
    const noticed = new Map<string, number>();
    const waiting = [...checks];
    const work = async (worker: Worker) => {
      for (let off = waiting.shift(); off !== undefined; off = waiting.shift()) {
        const [source = ''] = off.split(' ', 1);
        const score = ({ test }: FileOutcome) => noticed.get(`${source} ${test}`) ?? 0;
        // What has noticed others of the same file comes first, then what is quick.
        const tests = [...(reaching.get(off) ?? [])].sort((a, b) => score(b) - score(a) || a.seconds - b.seconds);
        const { verdict, at } = await disable(off, tests, worker);
        verdicts.set(off, verdict);
        if (at) noticed.set(`${source} ${at.test}`, score(at) + 1);
      }
    };
    await Promise.all(workers.map(work));
    return verdicts;
  } finally {
    for (const worker of workers) worker.end();
  }
}

/** @throws when a test is red with all checks on */
async function runAll({ files }: Looked, worker: Worker): Promise<Reaching> {
  const reachedFolder = mkdtempSync(path.join(tmpdir(), 'hypdr-reached-'));
  try {
    const outcomes = await worker.run({ related: files, reachedFolder }, 1800);
    if (outcomes === 'silent') throw new Error('the tests do not end, or their process died');
    const red = outcomes.filter((one) => one.failure !== '');
    if (red.length > 0) throw new Error(`red with all checks on:\n${red.map((one) => one.failure).join('\n')}`);
    const byTest = new Map(outcomes.map((one) => [one.test, one]));
    const reaching = new Map<string, FileOutcome[]>();
    for (const file of readdirSync(reachedFolder)) {
      const { test, reached } = JSON.parse(readFileSync(path.join(reachedFolder, file), 'utf8')) as Reached;
      const outcome = byTest.get(test);
      for (const check of outcome ? reached : [])
        reaching.set(check, [...(reaching.get(check) ?? []), ...(outcome ? [outcome] : [])]);
    }
    return reaching;
  } finally {
    rmSync(reachedFolder, { recursive: true });
  }
}

interface Reached {
  readonly test: string;
  readonly reached: readonly string[];
}

async function disable(
  off: string,
  tests: readonly FileOutcome[],
  worker: Worker,
): Promise<{ readonly verdict: Verdict; readonly at?: FileOutcome }> {
  for (const at of tests) {
    const first = await judge(worker, at.test, off, patience(at.seconds));
    // What did not end says something of the check only beside how long the same takes now with all checks on.
    const judged = first.kind === 'late' ? await judge(worker, at.test, off, patience(await now(at, worker))) : first;
    if (judged.kind !== 'green') return { verdict: { kind: 'red', by: judged.by }, at };
  }
  return { verdict: { kind: tests.length > 0 ? 'unnoticed' : 'unreached', by: '' } };
}

interface Judged {
  readonly kind: 'green' | 'red' | 'late';
  readonly by: string;
}

async function judge(worker: Worker, test: string, off: string, seconds: number): Promise<Judged> {
  const outcomes = await worker.run({ off, tests: [test] }, seconds);
  if (outcomes === 'silent') return { kind: 'late', by: `${test} does not end` };
  const red = outcomes.find((one) => one.failure !== '');
  if (!red) return { kind: 'green', by: '' };
  const by = red.failed[0] ?? red.failure;
  return red.failure.includes('Exceeded timeout') ? { kind: 'late', by: `${by} does not end` } : { kind: 'red', by };
}

/** Seconds that a file of tests takes at the moment. */
async function now({ test }: FileOutcome, worker: Worker): Promise<number> {
  const outcomes = await worker.run({ tests: [test] }, 600);
  const [outcome] = outcomes === 'silent' ? [] : outcomes;
  if (!outcome || outcome.failure !== '') throw new Error(`${test} is red with all checks on: ${outcome?.failure}`);
  return outcome.seconds;
}
