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
 * What a site says of itself. `announced`: it takes over once nobody has stopped it; `activating`; `active`; `failed`:
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

/** Writes the state, if it is still what the look saw: who comes second writes nothing, and fails. */
export function writeState(identity: string, { stateUrl }: Kept, look: string, status: SiteStatus): Action {
  const body = {
    status,
    run: "@{outputs('Run')}",
    trigger: "@{outputs('Trigger')}",
    at: '@{utcNow()}',
    until: "@{outputs('Deadline')}",
  };
  const put = (headers: Readonly<Record<string, string>>) =>
    blob(identity, 'PUT', stateUrl, { body, headers: { 'Content-Type': 'application/json', ...headers } });
  return {
    type: 'If',
    expression: { and: [{ equals: [`@outputs('${look}')?['statusCode']`, 404] }] },
    actions: oneByOne([[`First_${status}`, put({ 'If-None-Match': '*' })]]),
    else: {
      actions: oneByOne([[`Next_${status}`, put({ 'If-Match': `@{outputs('${look}')?['headers']?['ETag']}` })]]),
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
  const ours = (look: string) =>
    `and(equals(${statusOf(look)}, 'announced'), equals(body('${look}')?['run'], outputs('Run')))`;
  const end = `addSeconds(outputs('Began'), ${abortSeconds})`;
  const stopped = `and(equals(outputs('Look_abort')?['statusCode'], 200), not(${ours('Look_abort')}))`;
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
    must('Not_aborted', { equals: [`@${ours('Mine')}`, true] }, 'it was stopped before it began'),
    ['Begin', writeState(identity, kept, 'Mine', 'activating')],
    noted('begun'),
  ];
}

/** Whatever came of what was begun; what was refused leaves nothing behind. */
const ENDED = ['Succeeded', 'Failed', 'TimedOut'];

export interface EndProps {
  /** The scope whose outcome counts. */
  readonly after: string;
  readonly ends: SiteStatus;
  /** Words of machines that are kept. */
  readonly words: readonly string[];
  readonly activation: Pick<SiteActivation, 'estimatedSeconds'>;
}

/** The record, the state, and an end that alarms where it was no success, or took longer than it was said to. */
export function endSteps(identity: string, kept: Kept, { after, ends, words, activation }: EndProps): readonly Step[] {
  const succeeded = `equals(actions('${after}')?['status'], 'Succeeded')`;
  const seconds = "div(sub(ticks(utcNow()), ticks(outputs('Began'))), 10000000)";
  const record = {
    trigger: "@outputs('Trigger')",
    began: "@outputs('Began')",
    ended: '@utcNow()',
    seconds: `@${seconds}`,
    estimatedSeconds: activation.estimatedSeconds,
    succeeded: `@${succeeded}`,
    steps: "@variables('steps')",
    machines: Object.fromEntries(words.map((word) => [word, `@variables('${word}_says')`])),
  };
  const headers = { 'Content-Type': 'application/json' };
  const late = `greater(ticks(utcNow()), ticks(outputs('Deadline')))`;
  return [
    [
      'Record',
      {
        ...blob(identity, 'PUT', `${kept.recordsUrl}/@{outputs('Run')}-${ends}.json`, { body: record, headers }),
        runAfter: { [after]: ENDED },
      },
    ],
    ['State_end', { ...blob(identity, 'GET', kept.stateUrl), runAfter: { Record: ENDED } }],
    [
      'Say',
      {
        type: 'If',
        expression: { and: [{ equals: [`@${succeeded}`, true] }] },
        actions: oneByOne([['Say_success', writeState(identity, kept, 'State_end', ends)]]),
        else: {
          // What a person stopped is not written over: it has to be seen as that.
          actions: oneByOne([
            [
              'Not_stopped',
              when({ not: { equals: [`@${statusOf('State_end')}`, 'aborted'] } }, [
                ['Say_failure', writeState(identity, kept, 'State_end', 'failed')],
              ]),
            ],
          ]),
        },
        runAfter: { State_end: ENDED },
      },
    ],
    must(
      'Outcome',
      { equals: [`@and(${succeeded}, not(${late}))`, true] },
      'it did not succeed, or took longer than it was said to: its steps are in the record',
      { Say: ENDED },
    ),
    // A record that could not be kept is a failure too, and comes last: the site serves all the same.
    must('Kept', { equals: ["@actions('Record')?['status']", 'Succeeded'] }, 'the record could not be kept'),
  ];
}
