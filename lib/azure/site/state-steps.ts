import type { SiteActivation } from '../../contract/site';
import { wait, WHATEVER } from '../flow-steps';
import type { Action } from '../flow-steps';
import { blob, duration, must, noted, oneByOne, when } from './steps';
import type { Step } from './steps';

/** Where a site says what it does, and keeps what it did. */
export interface Kept {
  /** Folder in which whoever asks says who it is that is asked, and when. */
  readonly requestsUrl: string;
  readonly stateUrl: string;
  readonly recordsUrl: string;
}

/**
 * What a site says of itself, besides since when its database is the one to write to. `announced`: it takes over once nobody has stopped it; `activating`; `active`; `failed`:
 * somebody has to look; `aborted`: stopped by a person; `leaving`: on its way to sleep; `sleeping`, also where nothing was
 * ever said.
 */
export type SiteStatus = 'announced' | 'activating' | 'active' | 'failed' | 'aborted' | 'leaving' | 'sleeping';

export const MANUAL = 'manual_activation';
const ABORT_LOOK_SECONDS = 15;

/** What a run says of itself, and by when it has to be over. */
export function stateWords(
  identity: string,
  { requestsUrl }: Kept,
  flow: string,
  { estimatedSeconds, abortSeconds }: SiteActivation,
): readonly Step[] {
  return [
    [
      'Know_steps',
      { type: 'InitializeVariable', inputs: { variables: [{ name: 'steps', type: 'array', value: [] }] } },
    ],
    ['Request', blob(identity, 'GET', `${requestsUrl}/${flow}.json`)],
    ['Began', compose('@utcNow()')],
    ['Run', compose("@formatDateTime(utcNow(), 'yyyyMMddHHmmss')")],
    ['Trigger', compose(`@coalesce(body('Request')?['trigger'], '${MANUAL}')`)],
    [
      'Deadline',
      compose(
        `@addSeconds(utcNow(), if(equals(outputs('Trigger'), '${MANUAL}'), ${estimatedSeconds}, ${estimatedSeconds + abortSeconds}))`,
      ),
    ],
  ];
}

function compose(inputs: string): Action {
  return { type: 'Compose', inputs };
}

/** What a look at the state said; nothing yet is `sleeping`, and what could not be read is `unknown`. */
export function statusOf(look: string): string {
  return `if(equals(outputs('${look}')?['statusCode'], 404), 'sleeping', coalesce(body('${look}')?['status'], 'unknown'))`;
}

/** Whether the state that a look saw was written by this run, and says this. */
export function isOurs(look: string, status: SiteStatus): string {
  return `and(equals(${statusOf(look)}, '${status}'), ${isOfRun(look)})`;
}

/** Whether the state that a look saw was written by this run. */
export function isOfRun(look: string): string {
  return `equals(body('${look}')?['run'], outputs('Run'))`;
}

/**
 * Since when the database of the site is the one to write to, by a look at the state; null while it is not. No outcome says
 * it: a takeover that failed later on is no reason to send anybody back.
 */
export function promotedAt(look: string): string {
  return `body('${look}')?['promotedAt']`;
}

/** Whether it is, by a look at the state. */
export function isPromoted(look: string): string {
  return `not(equals(coalesce(${promotedAt(look)}, ''), ''))`;
}

export interface StateProps {
  /** Expression of the flow. @default - as the look saw it */
  readonly promoted?: string;
  /** What tells the actions from those of the same status elsewhere in the flow. @default - nothing */
  readonly word?: string;
}

/** Writes the state, if it is still what the look saw: who comes second writes nothing, and fails. */
export function writeState(
  identity: string,
  { stateUrl }: Kept,
  look: string,
  status: SiteStatus,
  { promoted = promotedAt(look), word = status }: StateProps = {},
): Action {
  const body = {
    status,
    run: "@{outputs('Run')}",
    trigger: "@{outputs('Trigger')}",
    at: '@{utcNow()}',
    until: "@{outputs('Deadline')}",
    promotedAt: `@${promoted}`,
  };
  const put = (headers: Readonly<Record<string, string>>) =>
    blob(identity, 'PUT', stateUrl, { body, headers: { 'Content-Type': 'application/json', ...headers } });
  return {
    type: 'If',
    expression: { and: [{ equals: [`@outputs('${look}')?['statusCode']`, 404] }] },
    actions: oneByOne([[`First_${word}`, put({ 'If-None-Match': '*' })]]),
    else: {
      actions: oneByOne([[`Next_${word}`, put({ 'If-Match': `@{outputs('${look}')?['headers']?['ETag']}` })]]),
    },
  };
}

/** Who asks writes the name of the site, and asks soon after: what was written once is no answer for ever. */
const FRESH_MINUTES = 15;

/** Only for who wrote the name of the site just now. */
export function confirmSteps(site: string): readonly Step[] {
  const at = `ticks(addMinutes(coalesce(body('Request')?['at'], '2000-01-01T00:00:00Z'), ${FRESH_MINUTES}))`;
  return [
    must(
      'Confirmed',
      { equals: ["@coalesce(body('Request')?['confirm'], '')", site] },
      'to confirm, write the name of the site: {"confirm": "NAME"}',
    ),
    must('Just_now', { equals: [`@greaterOrEquals(${at}, ticks(utcNow()))`, true] }, 'that was written too long ago'),
  ];
}

/**
 * Lets through who wrote the name of the site, while nothing else is under way: the state is written under the condition
 * that nobody wrote it meanwhile. An activation that never ended is not in the way for ever.
 */
export function guardSteps(identity: string, kept: Kept, site: string): readonly Step[] {
  const status = statusOf('State');
  const stale = `less(ticks(coalesce(body('State')?['until'], '2000-01-01T00:00:00Z')), ticks(utcNow()))`;
  const free = `or(contains(createArray('sleeping', 'failed'), ${status}), and(contains(createArray('announced', 'activating', 'leaving'), ${status}), ${stale}))`;
  return [
    ...confirmSteps(site),
    ['State', blob(identity, 'GET', kept.stateUrl)],
    must(
      'Free',
      { equals: [`@${free}`, true] },
      `${site} is active, an activation is under way or was aborted, or nobody knows`,
      { State: ['Succeeded', 'Failed'] },
    ),
    ['Announce', writeState(identity, kept, 'State', 'announced')],
  ];
}

/** What a watch asked for may be stopped by a person; after that nobody stops it any more. */
export function announceSteps(identity: string, kept: Kept, abortSeconds: number): readonly Step[] {
  const end = `addSeconds(outputs('Began'), ${abortSeconds})`;
  const stopped = `and(equals(outputs('Look_abort')?['statusCode'], 200), not(${isOurs('Look_abort', 'announced')}))`;
  const window: Action = {
    type: 'Until',
    expression: `@or(${stopped}, greaterOrEquals(ticks(utcNow()), ticks(${end})))`,
    limit: { count: 5000, timeout: duration(abortSeconds + 600) },
    actions: {
      Look_abort: { ...blob(identity, 'GET', kept.stateUrl), runAfter: {} },
      Pause_abort: { ...wait(ABORT_LOOK_SECONDS, 'Second'), runAfter: { Look_abort: WHATEVER } },
    },
  };
  const asked = { not: { equals: ["@outputs('Trigger')", MANUAL] } };
  return [
    ...(abortSeconds === 0 ? [] : [['Abort_window', when(asked, [['Not_aborted_yet', window]])] as const]),
    ['Mine', blob(identity, 'GET', kept.stateUrl)],
    must('Not_aborted', { equals: [`@${isOurs('Mine', 'announced')}`, true] }, 'it was stopped before it began'),
    ['Begin', writeState(identity, kept, 'Mine', 'activating')],
    noted('begun'),
  ];
}
