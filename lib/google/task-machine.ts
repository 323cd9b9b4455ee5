import { assign, choose } from './workflow-steps';
import type { Step } from './workflow-steps';

/** Exit codes of the runner that decide what comes next: docs/runner.md has the table. */
export const EXIT = { success: 0, degraded: 3, damaged: 4, overlap: 5, retry: 75 } as const;
/** A container that left no exit code: it was killed, or never started. */
export const NONE = -1;

/** How often a run is tried again, and how long the waits are: the runner itself has tried for minutes before. */
const RETRIES = 3;
const RETRY_SECONDS = 300;
/** A store that cannot be reached for a while is no damage. */
const VERIFICATIONS = 2;
const VERIFICATION_SECONDS = 120;
/** Between two looks at an execution: a day of them is far below the 100,000 steps of a workflow. */
const LOOK_SECONDS = 30;
/** The scheduler tries for less than this to start a run: until then a start is that of the planned time. */
const LATEST_MINUTES = 60;

/** Variable of the workflow with the name of the bucket of task manifests. */
export const CONFIG_BUCKET = 'CONFIG_BUCKET';

/** Address of the run's manifest. */
const MANIFEST = `\${"gs://" + sys.get_env("${CONFIG_BUCKET}") + "/" + run.manifest}`;

/** Where it stands among the words of a full re-read. */
const MANIFEST_WORD = 3;

/** Words of a full re-read of stores; what starts it does not know the bucket of the configuration. */
export function fullReadWords(stores: readonly string[]): readonly string[] {
  return ['verify', '--full', '--task', '', ...stores.flatMap((store) => ['--store', store])];
}

/** Where a manifest and a slot stand among the words of a test restore. */
const TEST_WORDS = { manifest: 2, slot: 4 } as const;

/** Words of a test restore out of stores; manifest and slot are put in when it starts. */
export function testRestoreWords(stores: readonly string[]): readonly string[] {
  const from = stores.flatMap((store) => ['--store', store]);
  return ['test-restore', '--task', '', '--slot', '', '--metrics', 'log', ...from];
}

/** What starts a run: how `schedule.ts` and people hand it in. Without `at` or `every` the slot is the start itself. */
export interface RunArgument {
  readonly task: string;
  readonly command: 'backup' | 'copy' | 'watch' | 'prune' | 'verify' | 'test-restore';
  /** Type of the spec; empty with the others. */
  readonly type: string;
  /** Name of the manifest in the bucket of the configuration. */
  readonly manifest: string;
  readonly writer: string;
  readonly verifier: string;
  readonly pruner: string;
  /** With a test restore. */
  readonly restorer?: string;
  /** Words of a full re-read or a test restore; the workflow puts in the address of the manifest, and the slot. */
  readonly words?: readonly string[];
  /** Minutes of the day at which it is planned, on the clock of `zone`. */
  readonly at?: number;
  readonly zone?: string;
  /** Seconds of an interval, and of its first start after midnight, in UTC. */
  readonly every?: number;
  readonly offset?: number;
}

/**
 * What happens around every run, the same for all tasks: what differs is in the argument of an execution. A run that
 * may work in a while is tried again; what was stored is verified by another identity; a run that another one keeps
 * from its source, or that was started twice, ends quietly; whatever else is not a success ends the execution as failed.
 * Every outcome is one line of the log, on which the alarm looks.
 */
export function renderTaskMachine(): Readonly<Record<string, unknown>> {
  return { main: { params: ['run'], steps: main() }, task: task(), slot: slot(), container: container() };
}

function main(): readonly Step[] {
  return [
    { begin: assign({ ended: { outcome: 'failed', slot: '', exit: NONE, why: '' } }) },
    {
      attempt: {
        try: { call: 'task', args: { run: '${run}' }, result: 'ended' },
        except: { as: 'error', steps: [{ why: assign({ 'ended.why': '${json.encode_to_string(error)}' }) }] },
      },
    },
    { judge: assign({ fine: '${ended.outcome == "success" or ended.outcome == "overlap"}' }) },
    {
      tell: {
        call: 'sys.log',
        args: {
          json: {
            event: 'backup_outcome',
            message: '${run.command + " of " + run.task + ": " + ended.outcome}',
            outcome: '${ended.outcome}',
            task: '${run.task}',
            command: '${run.command}',
            type: '${run.type}',
            slot: '${ended.slot}',
            exit: '${ended.exit}',
            why: '${ended.why}',
          },
          severity: '${if(fine, "INFO", if(ended.outcome == "degraded", "WARNING", "ERROR"))}',
        },
      },
    },
    {
      give: {
        switch: [{ condition: '${fine or ended.outcome == "degraded"}', return: '${ended}' }],
      },
    },
    { not_done: { raise: '${ended}' } },
  ];
}

function task() {
  const steps: readonly Step[] = [
    { plan: { call: 'slot', args: { run: '${run}' }, result: 'planned' } },
    { begin: assign({ attempts: 0, verifications: 0, outcome: 'success' }) },
    {
      which: choose(
        [
          ['run.command == "prune"', 'prune'],
          ['run.command == "copy"', 'copy'],
          // A host took it, or the machine of a site, and says nothing here.
          ['run.command == "watch"', 'verify'],
          ['run.command == "verify"', 'full_read'],
          ['run.command == "test-restore"', 'test_restore'],
        ],
        'backup',
      ),
    },
    {
      backup: {
        call: 'container',
        args: {
          job: '${run.writer}',
          arguments: [
            'backup',
            '--task',
            MANIFEST,
            '--type',
            '${run.type}',
            '--slot',
            '${planned}',
            '--metrics',
            'log',
          ],
        },
        result: 'exit',
      },
    },
    {
      backup_exit: choose(
        [
          [`exit == ${EXIT.success}`, 'verify'],
          [`exit == ${EXIT.degraded}`, 'degraded'],
          [`exit == ${EXIT.overlap}`, 'overlap'],
          [`exit == ${EXIT.retry} and attempts < ${RETRIES}`, 'count_attempt'],
        ],
        'failed',
      ),
    },
    { copy: { call: 'container', args: { job: '${run.writer}', arguments: null }, result: 'exit' } },
    {
      copy_exit: choose(
        [
          [`exit == ${EXIT.success}`, 'verify'],
          // Not everything could be copied; what was is looked at.
          [`exit == ${EXIT.degraded}`, 'degraded'],
          [`exit == ${EXIT.damaged}`, 'damaged'],
          [`exit == ${EXIT.retry} and attempts < ${RETRIES}`, 'count_attempt'],
        ],
        'failed',
      ),
    },
    { count_attempt: assign({ attempts: '${attempts + 1}' }) },
    { wait_for_attempt: { call: 'sys.sleep', args: { seconds: RETRY_SECONDS }, next: 'which' } },
    { degraded: { ...assign({ outcome: 'degraded' }), next: 'verify' } },
    { verify: { call: 'container', args: { job: '${run.verifier}', arguments: null }, result: 'exit' } },
    {
      verify_exit: choose(
        [
          [`exit == ${EXIT.success}`, 'done'],
          // A chain with a hole: nothing is damaged, and nothing can be restored there until it is filled.
          [`exit == ${EXIT.degraded}`, 'incomplete'],
          [`exit == ${EXIT.damaged}`, 'damaged'],
          [`exit == ${EXIT.retry} and verifications < ${VERIFICATIONS}`, 'count_verification'],
        ],
        'failed',
      ),
    },
    { count_verification: assign({ verifications: '${verifications + 1}' }) },
    { wait_for_verification: { call: 'sys.sleep', args: { seconds: VERIFICATION_SECONDS }, next: 'verify' } },
    { incomplete: { ...assign({ outcome: 'degraded' }), next: 'done' } },
    { prune: { call: 'container', args: { job: '${run.pruner}', arguments: null }, result: 'exit' } },
    {
      prune_exit: choose(
        [
          [`exit == ${EXIT.success}`, 'done'],
          [`exit == ${EXIT.degraded}`, 'incomplete'],
          [`exit == ${EXIT.overlap}`, 'overlap'],
        ],
        'failed',
      ),
    },
    { full_read: assign({ words: '${run.words}', [`words[${MANIFEST_WORD}]`]: MANIFEST }) },
    { read_all: { call: 'container', args: { job: '${run.verifier}', arguments: '${words}' }, result: 'exit' } },
    {
      full_read_exit: choose(
        [
          [`exit == ${EXIT.success}`, 'done'],
          [`exit == ${EXIT.degraded}`, 'incomplete'],
          [`exit == ${EXIT.damaged}`, 'damaged'],
          [`exit == ${EXIT.retry} and attempts < ${RETRIES}`, 'count_attempt'],
        ],
        'failed',
      ),
    },
    {
      test_restore: assign({
        words: '${run.words}',
        [`words[${TEST_WORDS.manifest}]`]: MANIFEST,
        [`words[${TEST_WORDS.slot}]`]: '${planned}',
      }),
    },
    {
      restore_newest: {
        call: 'container',
        args: { job: '${run.restorer}', arguments: '${words}' },
        result: 'exit',
        next: 'full_read_exit',
      },
    },
    { overlap: { ...assign({ outcome: 'overlap' }), next: 'done' } },
    { damaged: { ...assign({ outcome: 'damaged' }), next: 'done' } },
    { failed: assign({ outcome: 'failed' }) },
    { done: { return: { outcome: '${outcome}', slot: '${planned}', exit: '${exit}', why: '' } } },
  ];
  return { params: ['run'], steps };
}

/**
 * The planned start as the runner writes it: 20261122T021500Z. Cloud Scheduler hands no time over, so it is what the
 * plan says for now: a start that comes late, or twice, is the same run.
 */
function slot() {
  // Two digits are read with a 1 before them: a leading zero is no number everywhere.
  const part = (text: string, from: number) => `int("1" + text.substring(${text}, ${from}, ${from + 2})) - 100`;
  const steps: readonly Step[] = [
    { clock: assign({ now: '${int(sys.now())}', start: '${now - now % 60}' }) },
    {
      kind: choose(
        [
          ['"every" in run', 'interval'],
          ['"at" in run', 'calendar'],
        ],
        'name',
      ),
    },
    { interval: { ...assign({ start: '${now - (now - run.offset) % run.every}' }), next: 'name' } },
    {
      calendar: assign({
        local: '${time.format(start, run.zone)}',
        hours: `\${${part('local', 11)}}`,
        minutes: `\${${part('local', 14)}}`,
        late: '${(hours * 60 + minutes - run.at + 1440) % 1440}',
      }),
    },
    { is_late: choose([[`late <= ${LATEST_MINUTES}`, 'planned']], 'name') },
    { planned: assign({ start: '${start - late * 60}' }) },
    {
      name: assign({
        utc: '${time.format(start)}',
        date: '${text.substring(utc, 0, 4) + text.substring(utc, 5, 7) + text.substring(utc, 8, 10)}',
        time_of_day: '${text.substring(utc, 11, 13) + text.substring(utc, 14, 16) + text.substring(utc, 17, 19)}',
      }),
    },
    { give: { return: '${date + "T" + time_of_day + "Z"}' } },
  ];
  return { params: ['run'], steps };
}

/**
 * Runs a job until it ends, and gives the exit code of its container, or -1.
 * @see https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs.executions.tasks
 */
export function container() {
  const auth = { type: 'OAuth2' };
  const look = (url: string) => ({
    try: { call: 'http.get', args: { url, auth }, result: 'answer' },
    retry: '${http.default_retry}',
  });
  const steps: readonly Step[] = [
    {
      names: assign({
        api: 'https://run.googleapis.com/v2/',
        place:
          '${"projects/" + sys.get_env("GOOGLE_CLOUD_PROJECT_ID") + "/locations/" + sys.get_env("GOOGLE_CLOUD_LOCATION")}',
        body: {},
      }),
    },
    { which: choose([['arguments == null', 'start']], 'override') },
    { override: assign({ body: { overrides: { containerOverrides: [{ args: '${arguments}' }] } } }) },
    {
      start: {
        try: {
          call: 'http.post',
          args: { url: '${api + place + "/jobs/" + job + ":run"}', auth, body: '${body}' },
          result: 'answer',
        },
        retry: {
          predicate: '${http.default_retry_predicate_non_idempotent}',
          max_retries: 5,
          backoff: { initial_delay: 10, max_delay: 120, multiplier: 2 },
        },
      },
    },
    { execution: assign({ execution: '${answer.body.metadata.name}' }) },
    { wait: { call: 'sys.sleep', args: { seconds: LOOK_SECONDS } } },
    { look: look('${api + execution}') },
    { ended: choose([['"completionTime" in answer.body', 'count']], 'wait') },
    { count: assign({ succeeded: '${default(map.get(answer.body, "succeededCount"), 0)}' }) },
    { tasks: look('${api + execution + "/tasks"}') },
    { any: { switch: [{ condition: '${"tasks" in answer.body}', next: 'attempt' }] } },
    { never: { return: NONE } },
    { attempt: assign({ attempt: '${map.get(answer.body.tasks[0], "lastAttemptResult")}' }) },
    {
      code: {
        switch: [
          { condition: '${attempt == null}', return: NONE },
          { condition: '${"termSignal" in attempt}', return: NONE },
          { condition: '${"exitCode" in attempt}', return: '${attempt.exitCode}' },
          // An exit code of 0 is left out of the answer.
          { condition: '${succeeded == 1}', return: EXIT.success },
        ],
      },
    },
    { unknown: { return: NONE } },
  ];
  return { params: ['job', 'arguments'], steps };
}
