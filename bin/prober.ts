import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { version } from '../package.json';
import { ageOf } from '../lib/runner/age';
import type { TaskAges } from '../lib/runner/age';
import { loadTask } from '../lib/runner/load-task';
import type { Machine } from '../lib/runner/machine';
import { agesToEmf, unprunedToEmf } from '../lib/runner/metrics/age';
import { logUnknownTestRestore } from '../lib/runner/test-restore-age';

/** What a schedule hands to the function: where the task manifests lie. */
export interface ProbeEvent {
  readonly tasks: readonly string[];
}

/**
 * The function that looks how old the newest verified backups are. It fails as a whole only where a manifest cannot be
 * read: then its metrics are missing, and missing ones alarm.
 */
export async function handler({ tasks }: ProbeEvent): Promise<void> {
  const machine = probingMachine();
  const all: TaskAges[] = [];
  for (const url of tasks) {
    const task = await loadTask(url, machine);
    // Its role is of this account: the stores of other clouds are asked by the probers there.
    const here = [...task.stores, ...task.copies].filter(({ cloud }) => cloud === 'aws').map(({ store }) => store);
    const ages = await ageOf(task, machine, here);
    for (const { store, why } of ages.unreachable) {
      machine.log({ level: 'error', event: 'store_unreachable', message: why, task: ages.task, store });
    }
    all.push(ages);
    logUnknownTestRestore(ages, machine);
    for (const line of agesToEmf(ages, machine.now())) process.stdout.write(`${line}\n`);
  }
  const name = machine.environment.AWS_LAMBDA_FUNCTION_NAME ?? 'prober';
  process.stdout.write(`${unprunedToEmf(name, all, machine.now())}\n`);
}

function probingMachine(): Machine {
  // Each of many requests at once listens to the signal while it lasts: to Node more than ten look like a leak.
  setMaxListeners(100);
  return {
    environment: process.env,
    now: () => new Date(),
    seconds: () => performance.now() / 1000,
    wait: async (milliseconds, signal) => {
      await wait(milliseconds, undefined, { signal });
    },
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
    stateFolder: '/tmp',
    log: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
    signal: new AbortController().signal,
    version,
  };
}
