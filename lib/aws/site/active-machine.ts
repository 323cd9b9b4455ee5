import type { States } from '../machine-states';
import { task } from './activation-states';
import type { WorkflowNames } from './activation-states';
import { ACTIVE_METRIC, SITE_NAMESPACE, siteDimension } from './names';

/** The next minute asks again: what was read long ago is not said any more. */
const ONCE_MORE = [{ ErrorEquals: ['States.TaskFailed', 'States.Timeout'], IntervalSeconds: 2, MaxAttempts: 1 }];

/**
 * Says once whether people are sent to the site, as a number: 1 from the promotion of its database until a deactivation has
 * stopped it, where it has none from the end of an activation until a deactivation begins; else 0. What fails in between has
 * no part in it: the primary has no lease, and lacks what is written here.
 * @returns Amazon's language, as plain JSON
 */
export function renderActiveReport({
  partition,
  site,
  prefix,
  table,
}: Pick<WorkflowNames, 'partition' | 'site' | 'prefix' | 'table'>): object {
  const dimension = siteDimension({ prefix });
  const failed = 'NotSaid';
  const status = '$.state.Item.status.S';
  const promoted = '$.state.Item.promoted.N';
  const say = (value: 0 | 1) =>
    task(partition, {
      call: 'cloudwatch:putMetricData',
      parameters: {
        Namespace: SITE_NAMESPACE,
        MetricData: [
          { MetricName: ACTIVE_METRIC, Dimensions: [{ Name: dimension.name, Value: dimension.value }], Value: value },
        ],
      },
      next: 'Said',
      failed,
      retry: ONCE_MORE,
    });
  const states: States = {
    Ask: task(partition, {
      call: 'dynamodb:getItem',
      parameters: { TableName: table, Key: { site: { S: site } }, ConsistentRead: true },
      result: '$.state',
      next: 'IsActive',
      failed,
      retry: ONCE_MORE,
    }),
    IsActive: {
      Type: 'Choice',
      Choices: [
        {
          And: [{ Variable: promoted, IsPresent: true }, { Not: { Variable: promoted, StringEquals: '0' } }],
          Next: 'SayActive',
        },
        {
          And: [
            { Variable: status, IsPresent: true },
            { Variable: status, StringEquals: 'active' },
          ],
          Next: 'SayActive',
        },
      ],
      Default: 'SayAsleep',
    },
    SayActive: say(1),
    SayAsleep: say(0),
    Said: { Type: 'Succeed' },
    // Silence is told by an alarm.
    NotSaid: { Type: 'Fail', Error: 'NotSaid', Cause: 'what the site is could not be read or said' },
  };
  return { Comment: `Says whether the recovery site ${site} is active`, StartAt: 'Ask', States: states };
}
