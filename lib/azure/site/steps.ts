import { ARM, PATIENT, set, wait, WHATEVER } from '../flow-steps';
import type { Action } from '../flow-steps';

/** Machines and what runs on them: https://learn.microsoft.com/rest/api/compute/virtual-machines */
const COMPUTE_API = 'api-version=2024-11-01';
const STORAGE_VERSION = '2023-11-03';
const LOOK_SECONDS = 15;
const SUCCEEDED = ['Succeeded'];

export type Step = readonly [name: string, action: Action];

/** Steps one after the other; each only when the one before it succeeded, or whatever came of it where `after` says so. */
export function oneByOne(steps: readonly Step[], after: readonly string[] = []): Readonly<Record<string, Action>> {
  return Object.fromEntries(ordered(steps, after));
}

/** The same, in the order in which they have to be made. */
export function ordered(steps: readonly Step[], after: readonly string[] = []): readonly Step[] {
  return steps.map(([name, action], index) => {
    const [before] = steps[index - 1] ?? [];
    const runAfter = before === undefined ? {} : { [before]: after.includes(before) ? WHATEVER : SUCCEEDED };
    return [name, { runAfter, ...action }] as const;
  });
}

/** A question to Azure's management, whose answer is not waited for beyond the first one. */
export function arm(identity: string, method: string, path: string, body?: object): Action {
  const authentication = { type: 'ManagedServiceIdentity', identity, audience: `${ARM}/` };
  return {
    type: 'Http',
    inputs: { method, uri: `${ARM}${path}`, authentication, retryPolicy: PATIENT, ...(body && { body }) },
    operationOptions: 'DisableAsyncPattern',
  };
}

/** One blob, read or written; a condition that does not hold is an answer, and not tried again. */
export function blob(
  identity: string,
  method: 'GET' | 'PUT',
  url: string,
  { body, headers = {} }: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): Action {
  const authentication = { type: 'ManagedServiceIdentity', identity, audience: 'https://storage.azure.com/' };
  return {
    type: 'Http',
    inputs: {
      method,
      uri: url,
      authentication,
      headers: {
        'x-ms-version': STORAGE_VERSION,
        ...(method === 'PUT' && { 'x-ms-blob-type': 'BlockBlob' }),
        ...headers,
      },
      retryPolicy: PATIENT,
      ...(body !== undefined && { body }),
    },
  };
}

/** Fails the block that it is in, with words that the run's history keeps; what comes after the block may look at it. */
export function fails(words: string): Action {
  return { type: 'Compose', inputs: `@int('${words.replaceAll("'", "''")}')`, runAfter: {} };
}

/**
 * Goes on where the condition holds, and else fails with these words. Names are unique in a whole workflow, so the failure
 * has that of its condition.
 * @see https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-schema
 */
export function must(
  name: string,
  expression: object,
  words: string,
  runAfter?: Readonly<Record<string, readonly string[]>>,
): Step {
  const otherwise = { actions: { [`Why_${name}`]: fails(words) } };
  const action = { type: 'If', expression: { and: [expression] }, actions: {}, else: otherwise };
  return [name, { ...action, ...(runAfter && { runAfter }) }];
}

/** Notes that something was done, and when, for the record. */
export function noted(what: string): Step {
  const seconds = "@div(sub(ticks(utcNow()), ticks(outputs('Began'))), 10000000)";
  return [`Note_${what}`, { type: 'AppendToArrayVariable', inputs: { name: 'steps', value: { step: what, seconds } } }];
}

/** Goes on with these steps where the condition holds, and else past them. */
export function when(expression: object, steps: readonly Step[]): Action {
  return { type: 'If', expression: { and: [expression] }, actions: oneByOne(steps), else: { actions: {} } };
}

/** A loop that looks until the expression holds, or the moment in `outputs('Deadline')` is past. */
export function lookUntil(word: string, holds: string, look: Action, longest: string): Action {
  return {
    type: 'Until',
    expression: `@or(${holds}, greater(ticks(utcNow()), ticks(outputs('Deadline'))))`,
    limit: { count: 5000, timeout: longest },
    actions: {
      [`Look_${word}`]: { ...look, runAfter: {} },
      [`Pause_${word}`]: { ...wait(LOOK_SECONDS, 'Second'), runAfter: { [`Look_${word}`]: WHATEVER } },
    },
  };
}

/** The variable in which a machine's words are kept; variables are made before anything else. */
export function says(word: string): Action {
  return { type: 'InitializeVariable', inputs: { variables: [{ name: `${word}_says`, type: 'string', value: '' }] } };
}

/** Seconds as Logic Apps write them. */
export function duration(seconds: number): string {
  return `PT${seconds}S`;
}

export interface MachineOf {
  /** As whom the flow asks. */
  readonly identity: string;
  /** Id of the machine. */
  readonly machine: string;
  readonly location: string;
}

/** Whether a machine runs, by what a look at it said. */
function runs(look: string): string {
  return `contains(string(coalesce(body('${look}')?['statuses'], '')), 'PowerState/running')`;
}

/** Starts a machine, where it does not run, and waits until it does. */
export function startMachine(word: string, { identity, machine }: MachineOf, longest: string): readonly Step[] {
  return [
    [`Start_${word}`, arm(identity, 'POST', `${machine}/start?${COMPUTE_API}`)],
    [
      `Wait_${word}`,
      lookUntil(word, runs(`Look_${word}`), arm(identity, 'GET', `${machine}/instanceView?${COMPUTE_API}`), longest),
    ],
    must(`Runs_${word}`, { equals: [`@${runs(`Look_${word}`)}`, true] }, `the machine of ${word} does not start`),
  ];
}

/** Stops a machine, so that only its disks cost. */
export function stopMachine({ identity, machine }: MachineOf): Action {
  return arm(identity, 'POST', `${machine}/deallocate?${COMPUTE_API}`);
}

/**
 * Runs a script as root on a machine, under a name of this run alone, so that no answer is that of an earlier one, and
 * waits for its end. Its output, and after it what it said of errors, is in the variable of the word, at most 4 kB of each.
 * @see https://learn.microsoft.com/azure/virtual-machines/linux/run-command-managed
 */
export function runOn(
  word: string,
  { identity, machine, location }: MachineOf,
  { script, seconds, longest }: { readonly script: string; readonly seconds: number; readonly longest: string },
): readonly Step[] {
  const command = `${machine}/runCommands/${word}-@{outputs('Run')}`;
  const view = `body('Look_${word}')?['properties']?['instanceView']`;
  const state = `coalesce(${view}?['executionState'], 'Unknown')`;
  const body = {
    location,
    properties: { source: { script }, asyncExecution: true, timeoutInSeconds: seconds },
  };
  return [
    [`Send_${word}`, arm(identity, 'PUT', `${command}?${COMPUTE_API}`, body)],
    [
      `Watch_${word}`,
      lookUntil(
        word,
        `not(contains(createArray('Unknown', 'Pending', 'Running'), ${state}))`,
        arm(identity, 'GET', `${command}?$expand=instanceView&${COMPUTE_API}`),
        longest,
      ),
    ],
    [
      `Hear_${word}`,
      {
        ...set(`${word}_says`, `@{concat(coalesce(${view}?['output'], ''), coalesce(${view}?['error'], ''))}`),
        runAfter: after(`Watch_${word}`),
      },
    ],
    [`Forget_${word}`, { ...arm(identity, 'DELETE', `${command}?${COMPUTE_API}`), runAfter: after(`Hear_${word}`) }],
    must(
      `Done_${word}`,
      { equals: [`@and(equals(${state}, 'Succeeded'), equals(coalesce(${view}?['exitCode'], -1), 0))`, true] },
      `${word} did not succeed: what it said is in the variable ${word}_says`,
      after(`Forget_${word}`),
    ),
  ];
}

function after(name: string): Readonly<Record<string, readonly string[]>> {
  return { [name]: WHATEVER };
}
