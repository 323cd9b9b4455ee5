import { EXIT, container } from '../task-machine';
import { assign, choose } from '../workflow-steps';
import type { Step, SubWorkflow } from '../workflow-steps';
import { changeSql, setPolicy, sqlOperation } from './sql-steps';
import { ask, env, PROJECT, readLease, SQL } from './steps';

export interface RestoreMachineProps {
  readonly engine: 'postgresql' | 'mysql';
  /** Name of the object with the lease. */
  readonly lease: string;
  /** Names of the data sets, and the addresses of their manifests, in the order in which they are restored. */
  readonly tasks: readonly { readonly name: string; readonly manifest: string }[];
  /** The database is started and stopped within this time. */
  readonly startSeconds: number;
}

/** Databases that are the server's own. */
const OWN: Readonly<Record<RestoreMachineProps['engine'], string>> = {
  postgresql: '^(postgres|template[01]|cloudsqladmin)$',
  mysql: '^(mysql|sys|information_schema|performance_schema)$',
};
/** The account that a new instance has. */
const ADMIN = { postgresql: 'name=postgres', mysql: 'name=root&host=%25' } as const;
/** What the runner calls a database that it made room for. */
const REPLACED = '_before_[0-9]{8}t[0-9]{6}z$';

const RETRIES = 2;
const RETRY_SECONDS = 300;

/**
 * Restores the newest verified backups into a database that sleeps: starts it, runs the runner in a container for each
 * data set, looks whether databases are there, removes those that were replaced, and stops it again. A site that is
 * active is left alone, before, in between and after: people write to it.
 */
export function renderRestoreMachine(props: RestoreMachineProps): Readonly<Record<string, unknown>> {
  return {
    main: { params: ['run'], steps: main(props) },
    restore: restore(props),
    databases: databases(props),
    password: password(props),
    remove_replaced: removeReplaced(props),
    lease: readLease(props.lease),
    policy: setPolicy(),
    sql_operation: sqlOperation(),
    container: container(),
  };
}

function main({ startSeconds }: RestoreMachineProps): readonly Step[] {
  return [
    { begin: assign({ started: '${sys.now()}', outcome: 'failed', why: '', held: null }) },
    { who: { call: 'lease', result: 'held' } },
    { asleep: choose([['held.word == "granted"', 'attempt']], 'active') },
    {
      active: { return: { outcome: 'active', why: 'the site is active: nothing is restored over what people write' } },
    },
    {
      attempt: {
        try: { call: 'restore', args: { started: '${started}' }, result: 'outcome' },
        except: { as: 'error', steps: [{ why: assign({ why: '${json.encode_to_string(error)}' }) }] },
      },
    },
    { again: { call: 'lease', result: 'held' } },
    // It was activated meanwhile: whoever did that has it now.
    { still: choose([['held.word == "granted"', 'stop']], 'tell') },
    {
      stop: {
        try: {
          call: 'policy',
          args: { policy: 'NEVER', deadline: `\${sys.now() + ${startSeconds}}` },
        },
        except: {
          as: 'error',
          steps: [
            {
              runs_on: assign({
                outcome: 'failed',
                why: '${why + " it could not be stopped: " + json.encode_to_string(error)}',
              }),
            },
          ],
        },
      },
    },
    {
      tell: {
        call: 'sys.log',
        args: {
          json: {
            event: 'site_restore',
            message: '${"restore of the site: " + outcome}',
            outcome: '${outcome}',
            why: '${why}',
            seconds: '${int(sys.now() - started)}',
          },
          severity: '${if(outcome == "success", "INFO", if(outcome == "degraded", "WARNING", "ERROR"))}',
        },
      },
    },
    { judge: choose([['outcome == "failed"', 'not_done']], 'give') },
    { not_done: { raise: '${"not restored: " + why}' } },
    { give: { return: { outcome: '${outcome}', why: '${why}' } } },
  ];
}

function restore({ engine, tasks, startSeconds }: RestoreMachineProps): SubWorkflow {
  const words = ['restore', '--from', 'latest', '--target', `\${${env('target')}}`, '--task'];
  // Roles of the source are not those of a managed server, whose administrator is nobody's owner.
  const more = engine === 'postgresql' ? ['--no-owners'] : [];
  return {
    params: ['started'],
    steps: [
      { start: { call: 'policy', args: { policy: 'ALWAYS', deadline: `\${started + ${startSeconds}}` } } },
      { let_in: { call: 'password' } },
      { there: { call: 'databases', result: 'before' } },
      {
        plan: assign({
          manifests: tasks.map(({ manifest }) => manifest),
          at: 0,
          attempts: 0,
          outcome: 'success',
          replace: [],
          one: 0,
        }),
      },
      { any: choose([['one < len(before)', 'name_it']], 'next') },
      {
        name_it: {
          ...assign({ replace: '${list.concat(list.concat(replace, "--replace"), before[one])}', one: '${one + 1}' }),
          next: 'any',
        },
      },
      { next: choose([['at < len(manifests)', 'words']], 'check') },
      { words: assign({ words, all: '${list.concat(words, manifests[at])}', more, place: 0 }) },
      { extra: choose([['place < len(more)', 'add_extra']], 'replaced') },
      { add_extra: { ...assign({ all: '${list.concat(all, more[place])}', place: '${place + 1}' }), next: 'extra' } },
      { replaced: assign({ place: 0 }) },
      { known: choose([['place < len(replace)', 'add_known']], 'look_run') },
      {
        add_known: { ...assign({ all: '${list.concat(all, replace[place])}', place: '${place + 1}' }), next: 'known' },
      },
      ...stillAsleep('run'),
      { run: { call: 'container', args: { job: `\${${env('job')}}`, arguments: '${all}' }, result: 'exit' } },
      {
        exit: choose(
          [
            [`exit == ${EXIT.success}`, 'done_one'],
            [`exit == ${EXIT.degraded}`, 'degraded'],
            [`exit == ${EXIT.retry} and attempts < ${RETRIES}`, 'wait'],
          ],
          'failed',
        ),
      },
      { wait: { call: 'sys.sleep', args: { seconds: RETRY_SECONDS } } },
      { count: { ...assign({ attempts: '${attempts + 1}' }), next: 'words' } },
      { degraded: assign({ outcome: 'degraded' }) },
      { done_one: { ...assign({ at: '${at + 1}', attempts: 0 }), next: 'next' } },
      { failed: { raise: '${"the restore of " + manifests[at] + " ended with " + string(exit)}' } },
      { check: { call: 'databases', result: 'after' } },
      { some: choose([['len(after) > 0', 'look_clean']], 'none') },
      { none: { raise: 'nothing is there after the restore' } },
      ...stillAsleep('clean'),
      { clean: { call: 'remove_replaced', args: { names: '${after}', deadline: '${sys.now() + 3600}' } } },
      { give: { return: '${outcome}' } },
    ],
  };
}

/** Looks whether the site was activated since, right before a step that would take from people what they write. */
function stillAsleep(step: string): readonly Step[] {
  return [
    { [`look_${step}`]: { call: 'lease', result: 'held' } },
    { [`asleep_${step}`]: choose([['held.word == "granted"', step]], `active_${step}`) },
    { [`active_${step}`]: { raise: 'the site was activated meanwhile: what is there is what people write to' } },
  ];
}

/** Names of databases that are not the server's own. */
function databases({ engine }: RestoreMachineProps): SubWorkflow {
  return {
    params: [],
    steps: [
      { ask: ask('GET', `${SQL} + "/databases"`, 'answer') },
      { begin: assign({ empty: [], items: '${default(map.get(answer.body, "items"), empty)}', names: [], at: 0 }) },
      { more: choose([['at < len(items)', 'look']], 'give') },
      { look: choose([[`text.match_regex(items[at].name, ${JSON.stringify(OWN[engine])})`, 'next']], 'take') },
      { take: assign({ names: '${list.concat(names, items[at].name)}' }) },
      { next: { ...assign({ at: '${at + 1}' }), next: 'more' } },
      { give: { return: '${names}' } },
    ],
  };
}

/**
 * Gives the administrator the password that the operator keeps, so that nobody has to be there when a new instance is
 * first restored into. Calls of this workflow are not logged: the password is in one.
 */
function password({ engine }: RestoreMachineProps): SubWorkflow {
  const secret = `"https://secretmanager.googleapis.com/v1/projects/" + ${PROJECT} + "/secrets/" + ${env('secret')} + "/versions/latest:access"`;
  return {
    params: [],
    steps: [
      { read: ask('GET', secret, 'read_secret') },
      { until: assign({ answer: null, deadline: '${sys.now() + 600}' }) },
      ...changeSql({
        name: 'give',
        method: 'PUT',
        url: `${SQL} + "/users?${ADMIN[engine]}"`,
        body: { password: '${text.decode(base64.decode(read_secret.body.payload.data))}' },
      }),
      { done: { return: true } },
    ],
  };
}

/** What was replaced would fill the disk in a week. */
function removeReplaced(_props: RestoreMachineProps): SubWorkflow {
  return {
    params: ['names', 'deadline'],
    steps: [
      { begin: assign({ at: 0, answer: null }) },
      { more: choose([['at < len(names)', 'look']], 'done') },
      { look: choose([[`text.match_regex(names[at], "${REPLACED}")`, 'remove']], 'next') },
      ...changeSql({ name: 'remove', method: 'DELETE', url: `${SQL} + "/databases/" + text.url_encode(names[at])` }),
      { next: { ...assign({ at: '${at + 1}' }), next: 'more' } },
      { done: { return: true } },
    ],
  };
}
