import type { RunSchedule } from '../contract/task';
import { attempt, LONG, lookUntil, NOT_TOLD, once } from './flow-steps';
import type { FlowActions, HostWatch, JobStart } from './flow-steps';

export type { FlowActions, HostWatch, JobStart } from './flow-steps';

export interface FlowProps {
  /** For people: which task, and what of it. */
  readonly title: string;
  /** Id of the identity as which it starts jobs and looks at them. */
  readonly identity: string;
  readonly schedule: RunSchedule;
  readonly windowsZone: string;
}

const STARTED = "coalesce(trigger()?['scheduledTime'], trigger()['startTime'])";
/** The planned start as the runner writes it, such as 20261122T021500Z: a trigger fires within its minute. */
export const SLOT = "@{outputs('Slot')}";

/**
 * What a Logic App does with a run that it starts: the writer's job until it ends, again where that is worth it, then
 * the verifier's job whatever came of the first, since what was published has to be looked at. Whatever is not a
 * success ends the flow as failed, which alarms.
 * @see https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers
 */
export function backupFlow(props: FlowProps, writer: JobStart, verifier: JobStart): FlowActions {
  return chain([
    ...opening(props),
    ['Backup', attempt('backup', props.identity, writer)],
    ['Verify', attempt('verify', props.identity, verifier)],
    ['Outcome', outcome(props.title, ['backup', 'verify'])],
  ]);
}

/** The same for a copy job, which knows by itself what is lacking. */
export function copyFlow(props: FlowProps, copier: JobStart, verifier: JobStart): FlowActions {
  return chain([
    ...opening(props, ['copy', 'verify']),
    ['Copy', attempt('copy', props.identity, copier)],
    ['Verify', attempt('verify', props.identity, verifier)],
    ['Outcome', outcome(props.title, ['copy', 'verify'])],
  ]);
}

/** The same for a run that Automation starts on a host: nothing but the wait for its end is done here before it. */
export function followFlow(props: FlowProps, host: HostWatch, verifier: JobStart): FlowActions {
  return chain([
    ...opening(props),
    ['Since', { type: 'Compose', inputs: `@addMinutes(${STARTED}, -5)` }],
    ['Backup', lookUntil(props.identity, host)],
    ['Due', dueSince(host)],
    ['Read_backup', readHost()],
    ['Verify', attempt('verify', props.identity, verifier)],
    ['Outcome', outcome(props.title, ['backup', 'verify'])],
  ]);
}

export function pruneFlow(props: FlowProps, pruner: JobStart): FlowActions {
  return chain([
    ...opening(props),
    ['Prune', attempt('prune', props.identity, pruner)],
    ['Outcome', outcome(props.title, ['prune'])],
  ]);
}

/** All that is stored is read again, by the verifier's job. */
export function fullReadFlow(props: FlowProps, verifier: JobStart): FlowActions {
  return chain([
    ...opening(props, ['verify']),
    ['Verify', attempt('verify', props.identity, verifier)],
    ['Outcome', outcome(props.title, ['verify'])],
  ]);
}

/**
 * The newest backup is restored, looked into and removed, by the restorer's job. Where it may lie in an archive, another
 * job that reads no data asks for it first, and again until all of it can be read; without that nothing is restored.
 */
export function testRestoreFlow(props: FlowProps, restorer: JobStart, thawer?: JobStart): FlowActions {
  const restore = attempt('test_restore', props.identity, restorer);
  if (!thawer) {
    return chain([
      ...opening(props, ['test_restore']),
      ['Test_restore', restore],
      ['Outcome', outcome(props.title, ['test_restore'])],
    ]);
  }
  const thawed = { and: [{ equals: ["@variables('thaw_code')", 0] }] };
  const actions = { Test_restore: { ...restore, runAfter: {} } };
  return chain([
    ...opening(props, ['thaw', 'test_restore']),
    ['Thaw', attempt('thaw', props.identity, thawer, LONG)],
    ['When_thawed', { type: 'If', expression: thawed, actions, else: { actions: {} } }],
    ['Outcome', outcome(props.title, ['test_restore', 'thaw'])],
  ]);
}

type Step = readonly [name: string, action: Readonly<Record<string, unknown>>];

function opening(
  { schedule, windowsZone }: FlowProps,
  words: readonly string[] = ['backup', 'verify', 'prune'],
): readonly Step[] {
  return [
    ...today(schedule, windowsZone),
    ['Slot', { type: 'Compose', inputs: `@formatDateTime(${STARTED}, 'yyyyMMddTHHmm00Z')` }],
    ...words.map((word): Step => [`Know_${word}`, once(`${word}_code`, 'integer', NOT_TOLD)]),
  ];
}

/** A recurrence knows days of the week and not of the month: it fires every day, and the flow looks at the date. */
export function today(schedule: RunSchedule, windowsZone: string): readonly Step[] {
  if (schedule.kind !== 'calendar') return [];
  const { days } = schedule;
  if (days.kind !== 'month_day' && days.kind !== 'not_month_day') return [];
  const isDay = { equals: [`@dayOfMonth(convertFromUtc(${STARTED}, '${windowsZone}'))`, days.monthDay] };
  const expression = { and: [days.kind === 'month_day' ? isDay : { not: isDay }] };
  const leave = { Not_today: { type: 'Terminate', inputs: { runStatus: 'Cancelled' }, runAfter: {} } };
  return [['Today', { type: 'If', expression, actions: {}, else: { actions: leave } }]];
}

/** A run before the schedule's first start is none that lacks; one that somebody started by hand is looked at. */
function dueSince({ firstStart }: HostWatch): Readonly<Record<string, unknown>> {
  const none = { equals: ["@length(coalesce(body('Mine'), createArray()))", 0] };
  const early = { less: [`@ticks(${STARTED})`, `@ticks('${firstStart}')`] };
  const leave = { Not_yet: { type: 'Terminate', inputs: { runStatus: 'Cancelled' }, runAfter: {} } };
  return { type: 'If', expression: { and: [none, early] }, actions: leave, else: { actions: {} } };
}

function readHost(): Readonly<Record<string, unknown>> {
  const value = `@if(and(greater(length(body('Mine')), 0), equals(length(body('Mine')), length(body('Good')))), 0, ${NOT_TOLD})`;
  return { type: 'SetVariable', inputs: { name: 'backup_code', value } };
}

/** Codes of docs/runner.md; -1 where the service does not say one. */
function outcome(title: string, words: readonly string[]): Readonly<Record<string, unknown>> {
  const [first = ''] = words;
  const codes = words.map((word) => `${word} @{variables('${word}_code')}`).join(', ');
  const runError = {
    code: `@{if(equals(variables('${first}_code'), 3), 'Degraded', if(equals(variables('${first}_code'), 5), 'Overlap', 'Failed'))}`,
    message: `${title}, planned for ${SLOT}: exit codes ${codes}`,
  };
  return {
    type: 'If',
    expression: { and: words.map((word) => ({ equals: [`@variables('${word}_code')`, 0] })) },
    actions: {},
    else: { actions: { Tell: { type: 'Terminate', inputs: { runStatus: 'Failed', runError }, runAfter: {} } } },
  };
}

const WHATEVER = ['Succeeded', 'Failed', 'TimedOut', 'Skipped'];
/** Steps whose failure is an answer too; without the others nothing after them makes sense. */
const MAY_FAIL = ['Backup', 'Due', 'Copy', 'Read_backup', 'Verify', 'Prune', 'Test_restore', 'Thaw', 'When_thawed'];

/** One after the other, in the order in which they are made, since the service refuses a name that it does not know. */
function chain(steps: readonly Step[]): FlowActions {
  return steps.map(([name, action], index) => {
    const [before] = steps[index - 1] ?? [];
    const runAfter = before === undefined ? {} : { [before]: MAY_FAIL.includes(before) ? WHATEVER : ['Succeeded'] };
    return [name, { ...action, runAfter }] as const;
  });
}
