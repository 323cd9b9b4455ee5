import type { Site } from '../../contract/site';
import { assign, choose } from '../workflow-steps';
import type { SubWorkflow } from '../workflow-steps';
import { ask, env, PROJECT } from './steps';

/** How the database of a site says that nothing comes any more. Which numbers are its own is a variable of the workflow. */
export interface DatabaseSign {
  /** How Cloud Monitoring takes the least of what one machine said: a metric of numbers, or one of distributions. */
  readonly aligner: 'ALIGN_MIN' | 'ALIGN_PERCENTILE_05';
  /** Silent is who is further behind than this. */
  readonly seconds: number;
}

/** The database has to be silent for longer than a restart takes. */
const LEAST_SILENT_SECONDS = 120;
/** Numbers come twice a minute, and some minutes late. */
const WINDOW_SECONDS = 240;

/** Seconds behind the primary beyond which it is not heard any more. */
export function silentSeconds(lagSeconds: number): number {
  return Math.max(LEAST_SILENT_SECONDS, lagSeconds);
}

/** Whether two signs that have nothing in common can be looked at, and somebody wants them to be. */
export function isWatched({ activation, database, synchronization: { method, lagSeconds } }: Site): boolean {
  const { automated, triggers, healthUrls } = activation;
  const wanted = automated && triggers.some((one) => one !== 'manual_activation') && healthUrls.length > 0;
  return wanted && database !== null && method !== 'backup_restore' && lagSeconds !== undefined;
}

/**
 * One number of each series within the last `seconds`: all of that time is one point.
 * @see https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list
 */
export function measured(): SubWorkflow {
  return {
    params: ['filter', 'seconds', 'how'],
    steps: [
      {
        time: assign({
          now: '${sys.now()}',
          interval:
            '${"&interval.startTime=" + text.url_encode(time.format(now - seconds)) + "&interval.endTime=" + text.url_encode(time.format(now)) + "&aggregation.alignmentPeriod=" + string(seconds) + "s"}',
          empty: [],
          at: 0,
          numbers: [],
        }),
      },
      {
        look: ask(
          'GET',
          `"https://monitoring.googleapis.com/v3/projects/" + ${PROJECT} + "/timeSeries?filter=" + text.url_encode(filter) + interval + how`,
          'answer',
        ),
      },
      { list: assign({ series: '${default(map.get(answer.body, "timeSeries"), empty)}' }) },
      { more: choose([['at < len(series)', 'one']], 'give') },
      {
        one: {
          ...assign({
            value: '${series[at].points[0].value}',
            number: '${default(map.get(value, "doubleValue"), map.get(value, "int64Value"))}',
            numbers: '${list.concat(numbers, double(number))}',
            at: '${at + 1}',
          }),
          next: 'more',
        },
      },
      { give: { return: '${numbers}' } },
    ],
  };
}

/**
 * Whether the database says itself that nothing comes from the primary. One that says nothing is no sign of anything but
 * of itself, and of several the one that is behind least counts.
 * @returns as a workflow, why not; an empty text where it is so
 */
export function databaseSilent(sign: DatabaseSign | undefined): SubWorkflow {
  if (!sign)
    return {
      params: [],
      steps: [{ none: { return: 'there is no second sign: nothing measures how far the site is behind its primary' } }],
    };
  return {
    params: [],
    steps: [
      {
        look: {
          call: 'measured',
          args: {
            filter: `\${${env('lag')}}`,
            seconds: WINDOW_SECONDS,
            how: `&aggregation.perSeriesAligner=${sign.aligner}&aggregation.crossSeriesReducer=REDUCE_MIN`,
          },
          result: 'behind',
        },
      },
      {
        heard: choose(
          [
            ['len(behind) == 0', 'unknown'],
            [`behind[0] > ${sign.seconds}`, 'silent'],
          ],
          'follows',
        ),
      },
      { unknown: { return: 'no second sign: nobody says how far the site is behind its primary' } },
      { follows: { return: '${"no second sign: the database is " + string(behind[0]) + " s behind its primary"}' } },
      { silent: { return: '' } },
    ],
  };
}
