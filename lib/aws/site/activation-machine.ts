import { MARGIN_SECONDS } from '../../hosts/standby';
import type { States } from '../machine-states';
import { ableStates } from './able-states';
import { NOT_MET, PROMOTED, begin, clock, knowPromoted, putLease, task, tell, write } from './activation-states';
import type { WorkflowNames } from './activation-states';
import { promoteStates, promotedStates } from './promote-states';
import type { Promoted } from './promote-states';
import { endStates } from './end-states';
import { signalStates } from './second-signal';
import type { SecondSignal } from './second-signal';
import { serveStates } from './serve-states';
import type { Serving } from './serve-states';

export const MANUAL = 'manual_activation';

export interface ActivationMachine extends WorkflowNames {
  readonly abortSeconds: number;
  readonly leaseSeconds: number;
  readonly promoted: Promoted;
  readonly serving: Serving;
  /** @default - there is no second signal */
  readonly second?: SecondSignal;
}

/** A moment more than a machine asks for, whose clock is another one. */
const SLACK_SECONDS = 10;
/**
 * Nothing is under way, or what was is left behind, and no person stopped it. What this run itself said, when the answer
 * to it was lost, is no other run.
 */
const IDLE =
  '#status IN (:sleeping, :failed) OR (#status IN (:announced, :activating) AND #until < :now) OR (#status = :announced AND #run = :run)';

/**
 * Has the site take over: one way for whoever asks, a person or what watches the primary. Who asks says the name of the
 * site. A watch needs a second signal that is no copy of the first, and may be stopped for a while. Where there is
 * something to promote, the primary loses its lease and is given the time to notice; then the database is promoted,
 * machines are started and looked at. From the promotion on the site is the one to write to, whatever fails after it: asked
 * again it goes on from there. What was done and how long each of it took is a record, whatever came of it, and each end is
 * told.
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
    ...signalStates(machine, machine.second, { next: 'AnnounceHeard', refused: 'WasRefused' }),
    // A person may begin where nothing is known; a watch only where the primary was given a lease, and nothing was promoted.
    Announce: announce(machine, `attribute_not_exists(#status) OR ${IDLE}`),
    AnnounceHeard: announce(machine, `(attribute_not_exists(#promoted) OR #promoted = :never) AND (${IDLE})`, {
      ':never': { N: '0' },
    }),
    Known: knowPromoted('TellAnnounced'),
    TellAnnounced: tell(
      machine,
      `takes over, because of {}. Whoever knows better stops it by the output DeactivateCommand${abortSeconds > 0 ? `, within ${abortSeconds} s where no person asked for it` : ''}. {}`,
      ['$.trigger', '$$.Execution.Id'],
      { next: 'Asked' },
    ),
    Asked: {
      Type: 'Choice',
      Choices: [
        { ...PROMOTED, Next: 'Mine' },
        { ...manual, Next: 'Able' },
      ],
      Default: 'AbortWindow',
    },
    AbortWindow: { Type: 'Wait', Seconds: abortSeconds, Next: 'Able' },
    ...ableStates(machine, promoted, { next: 'Mine', failed }),
    // After this nobody stops it any more.
    Mine: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: 'SET #status = :activating, #lease = :revoked ADD #term :one',
        condition: '#status = :announced AND #run = :run AND (attribute_not_exists(#lease) OR #lease = :granted)',
        values: {
          ':activating': { S: 'activating' },
          ':announced': { S: 'announced' },
          ':granted': { S: 'granted' },
          ':revoked': { S: 'revoked' },
          ':run': { 'S.$': '$$.Execution.Id' },
          ':one': { N: '1' },
        },
      }),
      result: '$.state',
      next: 'Now',
      failed,
      instead: [{ error: NOT_MET, next: 'MineAlready' }],
    }),
    // Its term is raised once for each word: what was promoted with this term has all that was written since.
    MineAlready: task(partition, {
      call: 'dynamodb:updateItem',
      parameters: write(machine, {
        set: 'SET #status = :activating',
        condition: '#status IN (:announced, :activating) AND #run = :run AND #lease = :revoked',
        values: {
          ':activating': { S: 'activating' },
          ':announced': { S: 'announced' },
          ':revoked': { S: 'revoked' },
          ':run': { 'S.$': '$$.Execution.Id' },
        },
      }),
      result: '$.state',
      next: 'Now',
      failed,
      instead: [{ error: NOT_MET, next: 'Aborted' }],
    }),
    Now: clock('Revoke', 'begun'),
    Revoke: putLease(machine, 'revoked', { next: 'Fencing', failed }),
    // Who gives the primary the lease again says first that nothing is promoted any more.
    Fencing: { Type: 'Choice', Choices: [{ ...PROMOTED, Next: 'Promote' }], Default: 'Fence' },
    // Until then nothing is promoted, so that there are never two that accept writes.
    Fence: { Type: 'Wait', Seconds: leaseSeconds + MARGIN_SECONDS + SLACK_SECONDS, Next: 'Fenced' },
    Fenced: clock('Promote', 'fenced'),
    ...promoteStates(machine, promoted, { next: 'IsPromoted', failed }),
    IsPromoted: clock(promoted.kind === 'none' ? 'Scale' : 'Since', 'promoted'),
    ...(promoted.kind !== 'none' && promotedStates(machine, 'Scale')),
    ...serveStates(machine, serving, { scaled: 'Scaled', next: 'IsReady', failed }),
    Scaled: clock('Ready', 'scaled'),
    IsReady: clock('Record', 'ready'),
    ...endStates(machine, {
      ...{ word: 'activate', ends: 'active', done: 'took over' },
      stays:
        'its database took over, and what comes after that failed: {}. People are sent here and not back to the primary, which has no lease and lacks what is written here. Set that right and ask for the activation again: it goes on from there. {}',
      ...(promoted.kind !== 'none' && {
        doubt:
          'it did not take over: {}. The primary has lost its lease, and nobody knows whether the database here was promoted: ask again before anything else, it looks first. {}',
      }),
    }),
    NotConfirmed: tell(machine, 'somebody asked it to take over without writing its name. {}', ['$$.Execution.Id'], {
      next: 'WasRefused',
    }),
    Refused: tell(
      machine,
      'it does not take over: it is active or promoted, on its way, was stopped by a person, or never gave its primary a lease. {}',
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

function announce(machine: ActivationMachine, condition: string, more: object = {}): States[string] {
  return task(machine.partition, {
    call: 'dynamodb:updateItem',
    parameters: write(machine, {
      set: 'SET #status = :announced, #run = :run, #until = :until',
      condition,
      values: {
        ':announced': { S: 'announced' },
        ':activating': { S: 'activating' },
        ':sleeping': { S: 'sleeping' },
        ':failed': { S: 'failed' },
        ':run': { 'S.$': '$$.Execution.Id' },
        ':until': { 'N.$': "States.Format('{}', $.givenUp)" },
        ':now': { 'N.$': "States.Format('{}', $.now)" },
        ...more,
      },
    }),
    result: '$.state',
    next: 'Known',
    failed: 'NotAnnounced',
    instead: [{ error: NOT_MET, next: 'Refused' }],
  });
}
