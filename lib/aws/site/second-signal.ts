import type { States } from '../machine-states';
import { task, tell, write } from './activation-states';
import type { WorkflowNames } from './activation-states';

/** What a second sign is. */
export interface SecondSignal {
  /** Alarm by which the database itself says that nothing comes any more. */
  readonly alarm: string;
  /** Seconds after which that alarm may ring at the earliest. */
  readonly lagSeconds: number;
}

/** What is no sign but the end of one: the primary's addresses answer again. */
export const REACHED = 'primary_site_reached';
/** Seconds for which a signal counts as of now, beside those that the other one takes. */
const RECENT_SECONDS = 900;

/**
 * What a watch says is written down, from `Hear` on. That the site cannot be reached needs a database that follows nothing
 * any more, and the other way round: each is seen from another place. Once the site is reached again that sign is over.
 * @param second - `undefined` where nothing else can tell
 */
export function signalStates(
  names: WorkflowNames,
  second: SecondSignal | undefined,
  { next, refused }: { readonly next: string; readonly refused: string },
): States {
  const { partition } = names;
  const only = 'OneSignal';
  const now = { 'N.$': "States.Format('{}', $.now)" };
  const heard = (attribute: 'heardSite' | 'heardDatabase', then: string) =>
    task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(names, { set: `SET ${attribute} = :now`, condition: '', values: { ':now': now } }),
      result: '$.state',
      next: then,
      failed: only,
    });
  return {
    Hear: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.trigger', StringEquals: 'primary_site_unreachable', Next: 'HearSite' },
        { Variable: '$.trigger', StringEquals: REACHED, Next: 'Reached' },
      ],
      Default: 'HearDatabase',
    },
    Reached: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(names, { set: 'REMOVE heardSite', condition: '', values: {} }),
      next: 'Forgotten',
      failed: refused,
    }),
    Forgotten: { Type: 'Succeed' },
    HearSite: heard('heardSite', second === undefined ? only : 'AskLag'),
    ...(second !== undefined && {
      AskLag: task(partition, {
        call: 'cloudwatch:describeAlarms',
        parameters: { AlarmNames: [second.alarm] },
        result: '$.alarms',
        next: 'LagSeen',
        failed: only,
      }),
      LagSeen: {
        Type: 'Choice',
        Choices: [
          {
            And: [
              { Variable: '$.alarms.MetricAlarms[0].StateValue', IsPresent: true },
              { Variable: '$.alarms.MetricAlarms[0].StateValue', StringEquals: 'ALARM' },
            ],
            Next: next,
          },
        ],
        Default: only,
      },
    }),
    HearDatabase: heard('heardDatabase', 'HeardOfSite'),
    HeardOfSite: {
      Type: 'Choice',
      Choices: [{ Variable: '$.state.Attributes.heardSite.N', IsPresent: true, Next: 'HeardAt' }],
      Default: only,
    },
    HeardAt: {
      Type: 'Pass',
      Parameters: {
        'since.$': `States.MathAdd(States.StringToJson($.state.Attributes.heardSite.N), ${RECENT_SECONDS + (second?.lagSeconds ?? 0)})`,
      },
      ResultPath: '$.heard',
      Next: 'HeardRecently',
    },
    HeardRecently: {
      Type: 'Choice',
      Choices: [{ Variable: '$.heard.since', NumericGreaterThanPath: '$.now', Next: next }],
      Default: only,
    },
    [only]: tell(
      names,
      'only one signal says that the primary is gone ({}), and it waits for a second one or for a person. {}',
      ['$.trigger', '$$.Execution.Id'],
      { next: refused },
    ),
  };
}
