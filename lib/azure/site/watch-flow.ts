import { PATIENT } from '../flow-steps';
import type { Action } from '../flow-steps';
import { statusOf } from './state-steps';
import { arm, blob, must, oneByOne, ordered, when } from './steps';
import type { Step } from './steps';
import { ASKED } from './workflow';

export interface WatchFlowProps {
  readonly site: string;
  readonly identity: string;
  readonly stateUrl: string;
  readonly requestsUrl: string;
  /** Id of the workspace by which it is asked. */
  readonly workspaceId: string;
  readonly query: string;
  /** Id of the flow that activates. */
  readonly activate: string;
  /** Why it activates, as the record has it. */
  readonly trigger: string;
}

const LOGS = 'https://api.loganalytics.azure.com';

/**
 * Looks whether the primary is gone, by two signs that have nothing in common: nobody from anywhere reaches it, and its
 * database sends nothing. Only a site that sleeps looks: what was stopped by a person, or failed, is for a person.
 * @see https://learn.microsoft.com/azure/azure-monitor/logs/api/request-format
 */
export function watchFlow(props: WatchFlowProps): readonly Step[] {
  const { site, identity, stateUrl, requestsUrl, workspaceId, query, activate, trigger } = props;
  const ask: Action = {
    type: 'Http',
    inputs: {
      method: 'POST',
      uri: `${LOGS}/v1/workspaces/${workspaceId}/query`,
      authentication: { type: 'ManagedServiceIdentity', identity, audience: LOGS },
      headers: { 'Content-Type': 'application/json' },
      body: { query, timespan: 'PT1H' },
      retryPolicy: PATIENT,
    },
  };
  const row = "body('Signs')?['tables']?[0]?['rows']?[0]";
  const both = `and(equals(${row}?[0], 1), equals(${row}?[1], 1))`;
  const said = { confirm: site, trigger, at: '@{utcNow()}' };
  const headers = { 'Content-Type': 'application/json' };
  const start: readonly Step[] = [
    ['Say', blob(identity, 'PUT', `${requestsUrl}/activate.json`, { body: said, headers })],
    ['Activate', arm(identity, 'POST', `${activate}/triggers/${ASKED}/run?api-version=2019-05-01`)],
  ];
  return ordered(
    [
      ['State', blob(identity, 'GET', stateUrl)],
      must('Known', { not: { equals: [`@${statusOf('State')}`, 'unknown'] } }, `nobody knows what ${site} does`, {
        State: ['Succeeded', 'Failed'],
      }),
      [
        'Sleeps',
        {
          type: 'If',
          expression: { and: [{ equals: [`@${statusOf('State')}`, 'sleeping'] }] },
          actions: oneByOne([
            ['Signs', ask],
            must('Seen', { equals: [`@${row}?[2]`, 1] }, 'no test of the primary is in the log: nobody looks'),
            ['Gone', when({ equals: [`@${both}`, true] }, start)],
          ]),
          else: { actions: {} },
        },
      ],
    ],
    [],
  );
}

/** Tests come from so many places, of which so many have to have looked. */
const LEAST_PLACES = 3;

/**
 * Three numbers, each 1 where it is so: `unreachable`, where within six minutes at least three places looked and none
 * reached anything; `silent`, where the database of the site says itself that nothing comes any more, since
 * one that says nothing is no sign of anything but of itself; `seen`, where the primary was looked at lately at all.
 */
export function signsQuery(lag: string, seconds: number): string {
  return [
    'let seen = AppAvailabilityResults',
    '| where TimeGenerated > ago(6m)',
    '| summarize places = dcount(Location), reached = countif(tobool(Success));',
    `let behind = ${lag}`,
    `| summarize heard = count(), least = min(seconds);`,
    `print unreachable = iff(toscalar(seen | project places) >= ${LEAST_PLACES} and toscalar(seen | project reached) == 0, 1, 0),`,
    `  silent = iff(toscalar(behind | project heard) > 0 and toscalar(behind | project least) > ${seconds}, 1, 0),`,
    '  seen = iff(toscalar(AppAvailabilityResults | where TimeGenerated > ago(20m) | count) > 0, 1, 0)',
  ].join('\n');
}
