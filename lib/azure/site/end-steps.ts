import type { SiteActivation } from '../../contract/site';
import { isOfRun, writeState } from './state-steps';
import type { Kept, SiteStatus } from './state-steps';
import { blob, must, oneByOne } from './steps';
import type { Step } from './steps';

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
        // What a person stopped, or a later run has taken because this one was late, is not written over.
        expression: { and: [{ equals: [`@${isOfRun('State_end')}`, true] }] },
        actions: oneByOne([
          [
            'Say_outcome',
            {
              type: 'If',
              expression: { and: [{ equals: [`@${succeeded}`, true] }] },
              actions: oneByOne([['Say_success', writeState(identity, kept, 'State_end', ends)]]),
              else: { actions: oneByOne([['Say_failure', writeState(identity, kept, 'State_end', 'failed')]]) },
            },
          ],
        ]),
        else: { actions: {} },
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
