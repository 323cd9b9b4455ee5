import { assign, choose } from '../workflow-steps';
import type { Step, SubWorkflow } from '../workflow-steps';
import { databaseSilent, measured } from './signs';
import type { DatabaseSign } from './signs';
import { stateReaders } from './state-steps';
import { ask, env, PLACE, PROJECT } from './steps';

export interface WatchMachineProps {
  /** Name of the site, which confirms an activation. */
  readonly site: string;
  /** Why it activates, as the record has it. */
  readonly trigger: string;
  readonly sign: DatabaseSign;
}

/** So long nobody may have reached anything; tests are made each minute, and seen some minutes later. */
const WINDOW_SECONDS = 360;
/** Tests come from six places, of which so many have to have looked. */
const LEAST_PLACES = 3;
const ACTIVATIONS = `"https://workflowexecutions.googleapis.com/v1/projects/" + ${PROJECT} + "/locations/" + ${PLACE} + "/workflows/" + ${env('activates')} + "/executions"`;

/**
 * Looks whether the primary is gone, by two signs that have nothing in common: nobody from anywhere reaches it, and the
 * database of the site says that nothing comes. Only a site that sleeps looks: what was stopped by a person, or
 * failed, is for a person. Asked again each minute, it needs no memory: what comes and goes is none of the two.
 */
export function renderWatch({ site, trigger, sign }: WatchMachineProps): Readonly<Record<string, unknown>> {
  return {
    main: {
      params: ['run'],
      steps: [
        { look: { call: 'state', result: 'now' } },
        { sleeps: choose([['now.body.status == "sleeping"', 'reached']], 'leave_alone') },
        { leave_alone: { return: '${"left alone: the site is " + now.body.status}' } },
        { reached: { call: 'reached', result: 'doubt' } },
        { unreachable: choose([['doubt == ""', 'silent']], 'doubted') },
        { silent: { call: 'database_silent', result: 'doubt' } },
        { both: choose([['doubt == ""', 'activations']], 'doubted') },
        { doubted: { return: '${doubt}' } },
        ...start(site, trigger),
      ],
    },
    reached: reached(),
    database_silent: databaseSilent(sign),
    measured: measured(),
    ...stateReaders(),
  };
}

/** One that was started a minute ago looks for itself before it says so, and is not started twice. */
function start(site: string, trigger: string): readonly Step[] {
  return [
    { activations: ask('GET', `${ACTIVATIONS} + "?filter=state%3D%22ACTIVE%22"`, 'answer') },
    { list: assign({ empty: [], active: '${default(map.get(answer.body, "executions"), empty)}' }) },
    { under_way: choose([['len(active) > 0', 'leave_it']], 'say') },
    { leave_it: { return: 'an activation is under way' } },
    { say: assign({ asked: { confirm: site, trigger } }) },
    { activate: ask('POST', ACTIVATIONS, 'answer', { argument: '${json.encode_to_string(asked)}' }) },
    { done: { return: 'the primary is gone: the activation was started' } },
  ];
}

/**
 * Whether anybody reaches the primary. That nobody looks is no answer, and ends the run as failed: an alarm tells of
 * a watch that sees nothing.
 */
function reached(): SubWorkflow {
  return {
    params: [],
    steps: [
      {
        look: {
          call: 'measured',
          args: {
            filter: `\${${env('tests')}}`,
            seconds: WINDOW_SECONDS,
            how: '&aggregation.perSeriesAligner=ALIGN_FRACTION_TRUE&aggregation.crossSeriesReducer=REDUCE_MAX&aggregation.groupByFields=metric.labels.checker_location',
          },
          result: 'places',
        },
      },
      {
        seen: choose(
          [
            ['len(places) == 0', 'blind'],
            [`len(places) < ${LEAST_PLACES}`, 'few'],
          ],
          'begin',
        ),
      },
      { blind: { raise: 'no test of the primary is in Cloud Monitoring: nobody looks' } },
      { few: { return: '${"only " + string(len(places)) + " places looked at the primary"}' } },
      { begin: assign({ at: 0 }) },
      { more: choose([['at < len(places)', 'one']], 'nobody') },
      { one: choose([['places[at] > 0', 'somebody']], 'next') },
      { next: { ...assign({ at: '${at + 1}' }), next: 'more' } },
      { somebody: { return: 'the primary is reached' } },
      { nobody: { return: '' } },
    ],
  };
}
