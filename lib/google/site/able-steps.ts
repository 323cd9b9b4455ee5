import { assign, choose } from '../workflow-steps';
import type { Step, SubWorkflow } from '../workflow-steps';
import type { Promoted } from './serve-steps';
import { ask, SQL } from './steps';
import { noted } from './state-steps';

/** So long a machine may take to say whether it could be promoted: it may have to be started first. */
const ABLE_SECONDS = 600;
const LOOK_SECONDS = 15;

/**
 * Whether there is something to promote, asked before the primary loses its lease: what could not takes it from nobody.
 * What is restored or started by the takeover itself is not asked, since there is nothing to ask before.
 */
export function ableSteps(database: Promoted | null): readonly Step[] {
  if (!isAsked(database)) return [];
  const args = { id: '${id}', deadline: `\${sys.now() + ${ABLE_SECONDS}}` };
  return [{ able: { call: 'able', args, result: 'could' } }, noted('able')];
}

/** What the step calls. */
export function ableWorkflows(database: Promoted | null): Readonly<Record<string, SubWorkflow>> {
  if (!isAsked(database)) return {};
  return { able: database.kind === 'machines' ? askMachine() : lookAtReplica() };
}

type Asked = Extract<Promoted, { kind: 'machines' | 'replica' }>;

function isAsked(database: Promoted | null): database is Asked {
  return database?.kind === 'replica' || (database?.kind === 'machines' && database.always);
}

/**
 * A name of its own, so that nobody takes the answer to this for the answer to what is asked later. A machine whose scripts
 * are older than this question is not kept from a takeover by it.
 */
function askMachine(): SubWorkflow {
  return {
    params: ['id', 'deadline'],
    steps: [
      { begin: assign({ said: '' }) },
      {
        say: {
          try: {
            call: 'command',
            args: { word: 'able', id: '${id + "-able"}', deadline: '${deadline}' },
            result: 'said',
          },
          except: {
            as: 'error',
            steps: [
              { older: choose([['text.match_regex(json.encode_to_string(error), "-able 64 ")', 'unasked']], 'no') },
              { no: { raise: '${error}' } },
              { unasked: assign({ said: 'not asked: its scripts are older than the question' }) },
            ],
          },
        },
      },
      { give: { return: '${said}' } },
    ],
  };
}

/**
 * What is maintained or repaired comes back by itself, and what was promoted before is able.
 * @see https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/instances#SqlInstanceState
 */
function lookAtReplica(): SubWorkflow {
  return {
    params: ['id', 'deadline'],
    steps: [
      { look: ask('GET', SQL, 'answer') },
      {
        judge: choose(
          [
            ['answer.body.state == "RUNNABLE"', 'runs'],
            ['sys.now() > deadline', 'unable'],
            ['answer.body.state == "MAINTENANCE" or answer.body.state == "REPAIRING"', 'pause'],
          ],
          'unable',
        ),
      },
      { pause: { call: 'sys.sleep', args: { seconds: LOOK_SECONDS }, next: 'look' } },
      // The service says of one that its owner stopped that it is runnable.
      {
        runs: choose(
          [['default(map.get(answer.body.settings, "activationPolicy"), "ALWAYS") == "NEVER"', 'stopped']],
          'done',
        ),
      },
      { unable: { raise: '${"the database of the site is " + answer.body.state + ", and could not be promoted"}' } },
      { stopped: { raise: 'the database of the site is stopped, and could not be promoted: start it' } },
      { done: { return: '${answer.body.state}' } },
    ],
  };
}
