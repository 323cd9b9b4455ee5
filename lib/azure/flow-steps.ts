import { THAW_PATIENCE } from '../contract/thaw';

/** Actions of a Logic App, in the order in which they are made. */
export type FlowActions = readonly (readonly [name: string, action: Action])[];
export type Action = Readonly<Record<string, unknown>>;

/** A Container Apps job and how it is started. */
export interface JobStart {
  /** Id of the job. */
  readonly job: string;
  /**
   * Containers that one execution has instead of the job's own. They replace all that the job says of them, so they
   * say it again (https://github.com/microsoft/azure-container-apps/issues/909). @default - as the job is
   */
  readonly containers?: readonly Readonly<Record<string, unknown>>[];
}

/** Jobs of Azure Automation of one runbook. */
export interface HostWatch {
  /** Id of the Automation account. */
  readonly account: string;
  readonly runbook: string;
  /** When its first job is due, in UTC: schedules begin days after they were made. */
  readonly firstStart: string;
}

/** A code that no program ends with: the service did not say one. */
export const NOT_TOLD = -1;
/** Exit code of a run that is worth another try. */
const RETRY = 75;
/** The runner ends itself before the next slot; who hangs is given up a day later at the latest. */
const LONGEST = 'P1D';

/** How often a job is tried, and how long it is waited in between. */
export interface Patience {
  readonly tries: number;
  readonly pauseMinutes: number;
  /** For all of it, as ISO 8601 says it. */
  readonly longest: string;
}

/** As on AWS. */
const SOME: Patience = { tries: 4, pauseMinutes: 5, longest: LONGEST };
/** After the last look too there is a try; a day more for what the jobs themselves take. */
export const LONG: Patience = {
  tries: THAW_PATIENCE.looks + 1,
  pauseMinutes: THAW_PATIENCE.lookMinutes,
  longest: `P${Math.ceil((THAW_PATIENCE.looks * THAW_PATIENCE.lookMinutes) / 1440) + 1}D`,
};

const LOOK_SECONDS = 30;
const LOOKS = 2880;

export const ARM = 'https://management.azure.com';
const JOBS_API = 'api-version=2025-07-01';
/** Executions say the exit codes of their containers in this version and in no stable one yet; without one it is -1. */
const EXECUTIONS_API = 'api-version=2025-10-02-preview';
const AUTOMATION_API = 'api-version=2023-11-01';
export const PATIENT = { type: 'exponential', count: 6, interval: 'PT10S', maximumInterval: 'PT5M' };
/** After whatever came of an action. */
export const WHATEVER = ['Succeeded', 'Failed', 'TimedOut', 'Skipped'];

/** A variable, which the service wants to know before any loop. */
export function once(name: string, type: 'integer', value: number): Action {
  return { type: 'InitializeVariable', inputs: { variables: [{ name, type, value }] } };
}

/** A variable gets a value. */
export function set(name: string, value: string | number): Action {
  return { type: 'SetVariable', inputs: { name, value } };
}

/** @param identity - id of the identity as which the Logic App asks */
function ask(identity: string, method: 'GET' | 'POST', uri: string, body?: object): Action {
  const authentication = { type: 'ManagedServiceIdentity', identity, audience: `${ARM}/` };
  return { type: 'Http', inputs: { method, uri, authentication, retryPolicy: PATIENT, ...(body && { body }) } };
}

/** A job until its execution ends; again as often as it is worth it. Its exit code is in the variable of the word. */
export function attempt(
  word: string,
  identity: string,
  { job, containers }: JobStart,
  { tries, pauseMinutes, longest }: Patience = SOME,
): Action {
  const code = `variables('${word}_code')`;
  const look = `Look_${word}`;
  return {
    type: 'Until',
    expression: `@not(equals(${code}, ${RETRY}))`,
    limit: { count: tries, timeout: longest },
    actions: {
      [`Forget_${word}`]: { ...set(`${word}_code`, NOT_TOLD), runAfter: {} },
      [`Start_${word}`]: {
        ...ask(identity, 'POST', `${ARM}${job}/start?${JOBS_API}`, containers && { containers }),
        // The answer names the execution at once; who waits for the operation would need rights on the subscription.
        operationOptions: 'DisableAsyncPattern',
        runAfter: { [`Forget_${word}`]: ['Succeeded'] },
      },
      [`Watch_${word}`]: {
        ...watch(word, identity, `${ARM}${job}/executions/@{body('Start_${word}')?['name']}?${EXECUTIONS_API}`),
        runAfter: { [`Start_${word}`]: ['Succeeded'] },
      },
      [`Read_${word}`]: {
        ...set(`${word}_code`, exitCode(look)),
        runAfter: { [`Watch_${word}`]: WHATEVER },
      },
      [`Pause_${word}`]: {
        type: 'If',
        expression: { and: [{ equals: [`@${code}`, RETRY] }] },
        actions: { [`Wait_${word}`]: { ...wait(pauseMinutes, 'Minute'), runAfter: {} } },
        else: { actions: {} },
        runAfter: { [`Read_${word}`]: WHATEVER },
      },
    },
  };
}

/** An answer that does not come is no end: the next look may have one. A start that named no execution has none to look at. */
function watch(word: string, identity: string, uri: string): Action {
  const status = `coalesce(body('Look_${word}')?['properties']?['status'], 'Unknown')`;
  return {
    type: 'Until',
    expression: `@or(equals(coalesce(body('Start_${word}')?['name'], ''), ''), not(contains(createArray('Running', 'Processing', 'Unknown'), ${status})))`,
    limit: { count: LOOKS, timeout: LONGEST },
    actions: {
      [`Look_${word}`]: { ...ask(identity, 'GET', uri), runAfter: {} },
      [`Sleep_${word}`]: { ...wait(LOOK_SECONDS, 'Second'), runAfter: { [`Look_${word}`]: WHATEVER } },
    },
  };
}

/** A success is 0; all else is what the container ended with, and never 0. */
function exitCode(look: string): string {
  const properties = `body('${look}')?['properties']`;
  const code = `coalesce(${properties}?['detailedStatus']?['replicas']?[0]?['containers']?[0]?['code'], ${NOT_TOLD})`;
  return `@if(equals(${properties}?['status'], 'Succeeded'), 0, if(equals(${code}, 0), ${NOT_TOLD}, ${code}))`;
}

/**
 * Looks at the jobs of a runbook since the slot until all have ended: `Mine` are they, `Good` those that completed. One
 * that is not there after half an hour never came.
 */
export function lookUntil(identity: string, { account, runbook }: HostWatch): Action {
  const filter = `$filter=properties/runbook/name%20eq%20'${runbook}'`;
  const where = (after: string, condition: string) => ({
    type: 'Query',
    inputs: { from: `@${after}`, where: `@${condition}` },
  });
  const status = "item()?['properties']?['status']";
  const since = "ticks(coalesce(item()?['properties']?['creationTime'], '2000-01-01T00:00:00Z'))";
  const count = (name: string) => `length(body('${name}'))`;
  const ended = `and(greater(${count('Mine')}, 0), equals(${count('Mine')}, ${count('Ended')}))`;
  const late = `greater(ticks(utcNow()), ticks(addMinutes(outputs('Since'), 35)))`;
  return {
    type: 'Until',
    expression: `@or(${ended}, and(equals(${count('Mine')}, 0), ${late}))`,
    limit: { count: LOOKS, timeout: LONGEST },
    actions: {
      Look_backup: { ...ask(identity, 'GET', `${ARM}${account}/jobs?${filter}&${AUTOMATION_API}`), runAfter: {} },
      Mine: {
        ...where(
          "coalesce(body('Look_backup')?['value'], createArray())",
          `greaterOrEquals(${since}, ticks(outputs('Since')))`,
        ),
        runAfter: { Look_backup: WHATEVER },
      },
      Ended: {
        ...where(
          "coalesce(body('Mine'), createArray())",
          `contains(createArray('Completed', 'Failed', 'Stopped', 'Suspended'), ${status})`,
        ),
        runAfter: { Mine: WHATEVER },
      },
      Good: {
        ...where("coalesce(body('Mine'), createArray())", `equals(${status}, 'Completed')`),
        runAfter: { Ended: WHATEVER },
      },
      Sleep_backup: { ...wait(LOOK_SECONDS, 'Second'), runAfter: { Good: WHATEVER } },
    },
  };
}

export function wait(count: number, unit: 'Second' | 'Minute'): Action {
  return { type: 'Wait', inputs: { interval: { count, unit } } };
}
