import { copyRun } from './copy-machine';
import { fullRead } from './full-read-machine';
import { hostRun } from './host-machine';
import { EXIT, EXIT_CODE, backupExit, claim, ended, outcome, runContainer as run, verify } from './machine-states';
import type { States } from './machine-states';
import type { StateMachineNames } from './task-machine-names';
import { testRestore } from './test-restore-machine';
import { thaw } from './thaw-machine';

const RETRY_SECONDS = 300;

const VERIFY_EXIT = [
  { Variable: EXIT_CODE, NumericEquals: EXIT.damaged, Next: 'Damaged' },
  // A chain with a hole: nothing is damaged, and nothing can be restored there until it is filled.
  { Variable: EXIT_CODE, NumericEquals: EXIT.degraded, Next: 'Degraded' },
];

/**
 * What happens around every run, the same for all tasks: what differs is in the input of an execution. A start that was
 * delivered twice ends at once; a run that may work in a while is tried again; what was stored is verified by another
 * identity; the outcome becomes a metric; whatever is not a success is told. A backup runs in a container, or on the
 * host that the input names; verification and pruning of stores never run on a host.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
 */
export function renderTaskMachine(names: StateMachineNames): object {
  const { copies, hosts, testRestores, thaws = false } = names;
  const afterPrune = hosts ? 'PruneOnHost' : 'Succeeded';
  const states: States = {
    Slot: {
      Type: 'Pass',
      Comment: 'The planned start as the runner writes it: 20261122T021500Z',
      Parameters: {
        'input.$': '$',
        'date.$': "States.StringSplit($.scheduled, '-')",
        'time.$': "States.StringSplit(States.ArrayGetItem(States.StringSplit($.scheduled, '-'), 2), ':')",
        attempts: 0,
      },
      Next: 'Name',
    },
    Name: {
      Type: 'Pass',
      Parameters: {
        'input.$': '$.input',
        'attempts.$': '$.attempts',
        'slot.$': "States.Format('{}{}{}{}{}', $.date[0], $.date[1], $.time[0], $.time[1], $.time[2])",
        note: { text: '' },
      },
      Next: 'Claim',
    },
    Claim: claim(names),
    Command: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.input.command', StringEquals: 'prune', Next: 'Prune' },
        { Variable: '$.input.command', StringEquals: 'verify', Next: 'FullRead' },
        // What the machine of a site stored: quick, and what is verified already is passed over.
        { Variable: '$.input.command', StringEquals: 'watch', Next: 'Verify' },
        ...(testRestores === undefined
          ? []
          : [
              {
                Variable: '$.input.command',
                StringEquals: 'test-restore',
                Next: thaws ? 'WhetherArchived' : 'TestRestore',
              },
            ]),
        ...(copies ? [{ Variable: '$.input.command', StringEquals: 'copy', Next: 'Copy' }] : []),
      ],
      Default: hosts ? 'Where' : 'Backup',
    },
    Backup: run(names, {
      role: '$.input.roles.writer',
      command:
        "States.Array('backup', '--task', $.input.manifest, '--type', $.input.type, '--slot', $.slot, '--metrics', 'emf')",
      next: 'Verify',
      failed: 'BackupFailed',
    }),
    ...ended('Backup', { next: 'Verify', choices: backupExit(EXIT_CODE), again: true }),
    CountAttempt: {
      Type: 'Pass',
      Parameters: {
        'input.$': '$.input',
        'slot.$': '$.slot',
        note: { text: '' },
        'attempts.$': 'States.MathAdd($.attempts, 1)',
      },
      Next: 'WaitBeforeRetry',
    },
    WaitBeforeRetry: { Type: 'Wait', Seconds: RETRY_SECONDS, Next: 'Command' },
    Verify: verify(names, 'Succeeded', 'VerifyFailed'),
    ...ended('Verify', { next: 'Succeeded', choices: VERIFY_EXIT }),
    VerifyDegraded: verify(names, 'Degraded', 'VerifyDegradedFailed'),
    ...ended('VerifyDegraded', { next: 'Degraded', choices: VERIFY_EXIT }),
    Prune: run(names, {
      role: '$.input.roles.pruner',
      command: '$.input.prune',
      next: afterPrune,
      failed: 'PruneFailed',
    }),
    ...ended('Prune', { next: afterPrune }),
    ...fullRead(names),
    ...(testRestores && testRestore(names, testRestores)),
    ...(testRestores && thaws && thaw(names, 'TestRestore')),
    ...(copies && copyRun(names, copies)),
    ...(hosts && hostRun(names, hosts)),
    ...outcome(names, 'Succeeded', 'success', 'end'),
    ...outcome(names, 'Degraded', 'degraded', 'told'),
    ...outcome(names, 'Overlap', 'overlap', 'failed'),
    ...outcome(names, 'Damaged', 'damaged', 'failed'),
    ...outcome(names, 'Failed', 'failed', 'failed'),
    Done: { Type: 'Succeed' },
    NotDone: {
      Type: 'Fail',
      Error: 'BackupFailed',
      Cause: 'The run did not end as it should: see the topic, or the logs',
    },
  };
  return { Comment: 'One run of a backup task', StartAt: 'Slot', States: states };
}
