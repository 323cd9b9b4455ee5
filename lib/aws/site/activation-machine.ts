import { MARGIN_SECONDS } from '../../hosts/standby';
import type { States } from '../machine-states';
import { NOT_MET, begin, clock, putLease, task, tell, write } from './activation-states';
import type { WorkflowNames } from './activation-states';
import { promoteStates } from './promote-states';
import type { Promoted } from './promote-states';
import { endStates } from './end-states';
import { serveStates } from './serve-states';
import type { Serving } from './serve-states';

export const MANUAL = 'manual_activation';

export interface ActivationMachine extends WorkflowNames {
  readonly abortSeconds: number;
  readonly leaseSeconds: number;
  readonly promoted: Promoted;
  readonly serving: Serving;
  /** Alarm that tells that the database follows nothing any more. @default - there is no second signal */
  readonly lagAlarm?: string;
}

/** A moment more than a machine asks for, whose clock is another one. */
const SLACK_SECONDS = 10;
/** Seconds for which a signal counts as of now. */
const RECENT_SECONDS = 900;

/**
 * Has the site take over: one way for whoever asks, a person or what watches the primary. Who asks says the name of the
 * site. A watch needs a second signal that is no copy of the first, and may be stopped for a while. The primary loses its
 * lease and is given the time to notice; then the database is promoted, machines are started and looked at. What was done
 * and how long each of it took is a record, whatever came of it, and each end is told.
 * @returns Amazon's language, as plain JSON
 */
export function renderActivation(machine: ActivationMachine): object {
  const { partition, site, abortSeconds, leaseSeconds, promoted, serving } = machine;
  const failed = 'Failed';
  const manual = { Variable: '$.trigger', StringEquals: MANUAL };
  const states: States = {
    ...begin(
      'Confirmed',
      machine,
      ` + ($exists($states.input.trigger) and $states.input.trigger != '${MANUAL}' ? ${abortSeconds} : 0)`,
    ),
    Confirmed: {
      Type: 'Choice',
      Choices: [
        { Not: { Variable: '$.confirm', StringEquals: site }, Next: 'NotConfirmed' },
        { ...manual, Next: 'Announce' },
      ],
      Default: 'Hear',
    },
    ...secondSignal(machine),
    Announce: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: 'SET #status = :announced, #run = :run, #until = :until',
        condition:
          'attribute_not_exists(#status) OR #status IN (:sleeping, :failed) OR (#status IN (:announced, :activating) AND #until < :now)',
        values: {
          ':announced': { S: 'announced' },
          ':activating': { S: 'activating' },
          ':sleeping': { S: 'sleeping' },
          ':failed': { S: 'failed' },
          ':run': { 'S.$': '$$.Execution.Id' },
          ':until': { 'N.$': "States.Format('{}', $.givenUp)" },
          ':now': { 'N.$': "States.Format('{}', $.now)" },
        },
      }),
      next: 'TellAnnounced',
      failed: 'NotAnnounced',
      instead: [{ error: NOT_MET, next: 'Refused' }],
    }),
    TellAnnounced: tell(
      machine,
      `takes over, because of {}. Whoever knows better stops it by the output DeactivateCommand${abortSeconds > 0 ? `, within ${abortSeconds} s where no person asked for it` : ''}. {}`,
      ['$.trigger', '$$.Execution.Id'],
      { next: 'Asked' },
    ),
    Asked: { Type: 'Choice', Choices: [{ ...manual, Next: 'Mine' }], Default: 'AbortWindow' },
    AbortWindow: { Type: 'Wait', Seconds: abortSeconds, Next: 'Mine' },
    // After this nobody stops it any more.
    Mine: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: 'SET #status = :activating ADD #term :one',
        condition: '#status = :announced AND #run = :run',
        values: {
          ':activating': { S: 'activating' },
          ':announced': { S: 'announced' },
          ':run': { 'S.$': '$$.Execution.Id' },
          ':one': { N: '1' },
        },
      }),
      result: '$.state',
      next: 'Now',
      failed,
      instead: [{ error: NOT_MET, next: 'Aborted' }],
    }),
    Now: clock('Revoke', 'begun'),
    Revoke: putLease(machine, 'revoked', { next: 'Fence', failed }),
    // Until then nothing is promoted, so that there are never two that accept writes.
    Fence: { Type: 'Wait', Seconds: leaseSeconds + MARGIN_SECONDS + SLACK_SECONDS, Next: 'Fenced' },
    Fenced: clock('Promote', 'fenced'),
    ...promoteStates(machine, promoted, { next: 'IsPromoted', failed }),
    IsPromoted: clock('Scale', 'promoted'),
    ...serveStates(machine, serving, { scaled: 'Scaled', next: 'IsReady', failed }),
    Scaled: clock('Ready', 'scaled'),
    IsReady: clock('Record', 'ready'),
    ...endStates(machine, { word: 'activate', ends: 'active', done: 'took over' }),
    NotConfirmed: tell(machine, 'somebody asked it to take over without writing its name. {}', ['$$.Execution.Id'], {
      next: 'WasRefused',
    }),
    Refused: tell(
      machine,
      'it does not take over again: it is active, on its way, or was stopped by a person. {}',
      ['$$.Execution.Id'],
      { next: 'WasRefused' },
    ),
    NotAnnounced: tell(machine, 'it cannot say that it takes over: {}. {}', ['$.failure.Cause', '$$.Execution.Id'], {
      next: 'WasRefused',
    }),
    Aborted: tell(machine, 'it was stopped before it took over. {}', ['$$.Execution.Id'], { next: 'WasRefused' }),
    WasRefused: { Type: 'Fail', Error: 'Refused', Cause: 'nothing was done: the message says why' },
  };
  return { Comment: `Has the recovery site ${site} take over`, StartAt: 'Begin', States: states };
}

/**
 * What a watch says is written down. That the site cannot be reached needs a database that follows nothing any more, and
 * the other way round: each is seen from another place.
 */
function secondSignal(machine: ActivationMachine): States {
  const { partition, lagAlarm } = machine;
  const only = 'OneSignal';
  const heard = (attribute: 'heardSite' | 'heardDatabase', next: string) =>
    task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: `SET ${attribute} = :now`,
        condition: '',
        values: { ':now': { 'N.$': "States.Format('{}', $.now)" } },
      }),
      result: '$.state',
      next,
      failed: only,
    });
  return {
    Hear: {
      Type: 'Choice',
      Choices: [{ Variable: '$.trigger', StringEquals: 'primary_site_unreachable', Next: 'HearSite' }],
      Default: 'HearDatabase',
    },
    HearSite: heard('heardSite', 'AskLag'),
    AskLag:
      lagAlarm === undefined
        ? { Type: 'Pass', Next: only }
        : task(partition, {
            call: 'cloudwatch:describeAlarms',
            parameters: { AlarmNames: [lagAlarm] },
            result: '$.alarms',
            next: 'LagSeen',
            failed: only,
          }),
    ...(lagAlarm !== undefined && {
      LagSeen: {
        Type: 'Choice',
        Choices: [{ Variable: '$.alarms.MetricAlarms[0].StateValue', StringEquals: 'ALARM', Next: 'Announce' }],
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
        'since.$': `States.MathAdd(States.StringToJson($.state.Attributes.heardSite.N), ${RECENT_SECONDS})`,
      },
      ResultPath: '$.heard',
      Next: 'HeardRecently',
    },
    HeardRecently: {
      Type: 'Choice',
      Choices: [{ Variable: '$.heard.since', NumericGreaterThanPath: '$.now', Next: 'Announce' }],
      Default: only,
    },
    [only]: tell(
      machine,
      'only one signal says that the primary is gone ({}), and it waits for a second one or for a person. {}',
      ['$.trigger', '$$.Execution.Id'],
      { next: 'WasRefused' },
    ),
  };
}
