import { CloudSchedulerJob } from '@cdktf/provider-google/lib/cloud-scheduler-job';
import { Construct } from 'constructs';
import type { GoogleTask, GoogleTaskSchedule } from '../contract/google-tasks';
import { nodeComment } from '../terraform';
import { cronOf } from './cron';
import type { BackupTask } from './task';
import { IDENTITIES } from './task-names';
import { fullReadWords, testRestoreWords } from './task-machine';
import type { RunArgument } from './task-machine';

export interface TaskScheduleProps {
  readonly schedule: GoogleTaskSchedule;
  readonly task: GoogleTask;
  readonly container: BackupTask;
  readonly region: string;
  /** Full name of the workflow. */
  readonly workflow: string;
  /** Address of what the scheduler acts as. */
  readonly scheduler: string;
}

/** A start that could not be delivered within this time is given up: the next one is near, and the prober looks. */
const LONGEST_DELAY = '3600s';

/**
 * Starts an execution of the workflow, on the clock of the window's zone. A delivery whose answer was lost is made
 * again: the second run ends quietly, since the source's lock or the slot is taken.
 * @see https://cloud.google.com/workflows/docs/schedule-workflow
 */
export class TaskSchedule extends Construct {
  constructor(scope: Construct, id: string, props: TaskScheduleProps) {
    super(scope, id);
    const { schedule, task } = props;
    const { schedule: cron, timeZone } = cronOf(schedule.schedule);
    const job = new CloudSchedulerJob(this, 'Resource', {
      name: schedule.name,
      region: props.region,
      description: `${schedule.command} of ${task.task}`,
      schedule: cron,
      timeZone,
      attemptDeadline: '60s',
      retryConfig: {
        retryCount: 5,
        maxRetryDuration: LONGEST_DELAY,
        minBackoffDuration: '15s',
        maxBackoffDuration: '600s',
      },
      httpTarget: {
        httpMethod: 'POST',
        uri: `https://workflowexecutions.googleapis.com/v1/${props.workflow}/executions`,
        headers: { 'Content-Type': 'application/json' },
        // In base64 nothing of it can be read as an expression of Terraform.
        body: base64(JSON.stringify({ argument: JSON.stringify(argumentOf(props)) })),
        oauthToken: { serviceAccountEmail: props.scheduler },
      },
    });
    nodeComment(job, [schedule.id]);
  }
}

function argumentOf(props: TaskScheduleProps): RunArgument {
  const { schedule, task, container } = props;
  const { job } = task;
  return {
    task: task.task,
    command: schedule.command,
    type: schedule.type ?? '',
    manifest: container.manifest.name,
    writer: `${job}${IDENTITIES.writer}`,
    verifier: `${job}${IDENTITIES.verifier}`,
    pruner: `${job}${IDENTITIES.pruner}`,
    ...wordsOf(props),
    ...plannedStart(schedule.schedule),
  };
}

function wordsOf({ schedule: { command }, task }: TaskScheduleProps): Partial<RunArgument> {
  const stores = task.stores.map(({ store }) => store);
  if (command === 'verify') return { words: fullReadWords(stores) };
  if (command !== 'test-restore') return {};
  return { restorer: `${task.job}${IDENTITIES.restorer}`, words: testRestoreWords(stores) };
}

function plannedStart(schedule: GoogleTaskSchedule['schedule']): Partial<RunArgument> {
  if (schedule.kind === 'interval') return { every: schedule.everySeconds, offset: schedule.offsetSeconds };
  const [hours = 0, minutes = 0] = schedule.at.split(':').map(Number);
  return { at: hours * 60 + minutes, zone: schedule.timeZone };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
