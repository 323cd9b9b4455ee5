import { assign, choose } from '../workflow-steps';
import type { Step, SubWorkflow } from '../workflow-steps';
import { ask, PROJECT, SQL } from './steps';

/** Between two looks at something that takes its time. */
const LOOK_SECONDS = 15;
const CONFLICT = 409;

/** What is asked of the managed database: a name for its steps, and an expression for the address. */
export interface SqlChange {
  readonly name: string;
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly body?: unknown;
}

/** Asks for a change as `takeSql` does, and waits until it is made. */
export function changeSql(change: SqlChange): readonly Step[] {
  const wait = `${change.name}_wait`;
  return [
    ...takeSql(change, wait),
    { [wait]: { call: 'sql_operation', args: { operation: '${answer.body.name}', deadline: '${deadline}' } } },
  ];
}

/**
 * Asks for a change until the service takes it: it makes one at a time and refuses any other meanwhile, also a start that
 * has to follow the stop of a restore. Workflows' own retries leave that refusal to us. Past `deadline`, a variable of the
 * workflow, the refusal ends the run. The answer is in `answer`, which has to be there before.
 * @param next - the step after it
 * @see https://cloud.google.com/sql/docs/postgres/troubleshooting
 */
export function takeSql({ name, method, url, body }: SqlChange, next: string): readonly Step[] {
  const busy = `default(map.get(error, "code"), 0) == ${CONFLICT} and sys.now() <= deadline`;
  return [
    {
      [name]: {
        ...ask(method, url, 'answer', body),
        except: {
          as: 'error',
          steps: [
            { [`${name}_refused`]: choose([[busy, `${name}_later`]], `${name}_failed`) },
            { [`${name}_failed`]: { raise: '${error}' } },
            { [`${name}_later`]: assign({ answer: null }) },
          ],
        },
      },
    },
    { [`${name}_taken`]: choose([['answer == null', `${name}_pause`]], next) },
    { [`${name}_pause`]: { call: 'sys.sleep', args: { seconds: LOOK_SECONDS }, next: name } },
  ];
}

/**
 * Starts or stops the managed database, and waits until it is so.
 * @see https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/instances/patch
 */
export function setPolicy(): SubWorkflow {
  return {
    params: ['policy', 'deadline'],
    steps: [
      { begin: assign({ answer: null }) },
      ...changeSql({
        name: 'patch',
        method: 'PATCH',
        url: SQL,
        body: { settings: { activationPolicy: '${policy}' } },
      }),
      { look: ask('GET', SQL, 'answer') },
      {
        there: choose(
          [
            ['policy == "NEVER"', 'done'],
            ['answer.body.state == "RUNNABLE"', 'done'],
            ['sys.now() > deadline', 'late'],
          ],
          'pause',
        ),
      },
      { pause: { call: 'sys.sleep', args: { seconds: LOOK_SECONDS }, next: 'look' } },
      { late: { raise: 'the database did not start in time' } },
      { done: { return: true } },
    ],
  };
}

/** Waits for an operation of Cloud SQL; one that failed ends the run with its words. */
export function sqlOperation(): SubWorkflow {
  const url = `"https://sqladmin.googleapis.com/v1/projects/" + ${PROJECT} + "/operations/" + operation`;
  return {
    params: ['operation', 'deadline'],
    steps: [
      { look: ask('GET', url, 'answer') },
      {
        ended: choose(
          [
            ['"error" in answer.body', 'failed'],
            ['answer.body.status == "DONE"', 'done'],
            ['sys.now() > deadline', 'late'],
          ],
          'pause',
        ),
      },
      { pause: { call: 'sys.sleep', args: { seconds: LOOK_SECONDS }, next: 'look' } },
      { failed: { raise: '${json.encode_to_string(answer.body.error)}' } },
      { late: { raise: '${operation + " is not done in time"}' } },
      { done: { return: true } },
    ],
  };
}
