import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';

/** What is looked at. */
export interface Looked {
  /** Folder that the files' names and those of the checks begin in. */
  readonly root: string;
  readonly files: readonly string[];
  /** Globs of the tests that may turn red. */
  readonly testMatch: readonly string[];
}

export interface FileOutcome {
  readonly test: string;
  readonly seconds: number;
  readonly failed: readonly string[];
  readonly failure: string;
}

export interface Job {
  /** The check that is disabled. @default - none is */
  readonly off?: string;
  /** Runs the tests that import one of these files. */
  readonly related?: readonly string[];
  /** Runs these files of tests. */
  readonly tests?: readonly string[];
  /** Where each file of tests writes the checks that it comes across. */
  readonly reachedFolder?: string;
}

export interface Worker {
  /** @returns `silent` where nothing was answered in the seconds that were given to it, or the process died */
  run(job: Job, seconds: number): Promise<readonly FileOutcome[] | 'silent'>;
  end(): void;
}

/** A test that waits for what a disabled check would have brought about gives up after this. */
const TEST_TIMEOUT = 20_000;

/** A process that runs tests, one job after the other; one that hangs is replaced. */
export function startWorker(looked: Looked): Worker {
  const settings = JSON.stringify({ ...looked, testTimeout: TEST_TIMEOUT });
  let child: ChildProcess | undefined;
  return {
    async run(job, seconds) {
      child ??= fork(path.join(__dirname, 'test-process.cjs'), [settings], {
        // A loop that fills the memory ends soon.
        execArgv: ['--max-old-space-size=1024'],
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      child.send(job);
      const answer = await answerOf(child, seconds);
      if (answer === 'silent') {
        child.kill('SIGKILL');
        child = undefined;
        return 'silent';
      }
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.files ?? [];
    },
    end: () => void child?.kill(),
  };
}

interface Answer {
  readonly files?: readonly FileOutcome[];
  readonly error?: string;
}

function answerOf(child: ChildProcess, seconds: number): Promise<Answer | 'silent'> {
  return new Promise((resolve) => {
    const timeout = setTimeout(() => settle('silent'), seconds * 1000);
    const answered = (message: unknown) => settle(message as Answer);
    const gone = () => settle('silent');
    const settle = (answer: Answer | 'silent') => {
      clearTimeout(timeout);
      child.off('message', answered).off('exit', gone);
      resolve(answer);
    };
    child.on('message', answered).on('exit', gone);
  });
}
