import type { SiteActivation } from '../../contract/site';
import { isOfRun, promotedAt, writeState } from './state-steps';
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
  /** Expression for when the database was promoted, where this run did. @default - as the state says */
  readonly promoted?: string;
}

/** The record, the state, and an end that alarms where it was no success, or took longer than it was said to. */
export function endSteps(identity: string, kept: Kept, props: EndProps): readonly Step[] {
  const { after, ends, words, activation } = props;
  const promoted = `coalesce(${props.promoted ?? 'null'}, ${promotedAt('State_end')})`;
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
    ...(props.promoted !== undefined && { promotedAt: `@coalesce(${props.promoted}, ${promotedAt('State')})` }),
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
              actions: oneByOne([['Say_success', writeState(identity, kept, 'State_end', ends, { promoted })]]),
              else: {
                actions: oneByOne([['Say_failure', writeState(identity, kept, 'State_end', 'failed', { promoted })]]),
              },
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
