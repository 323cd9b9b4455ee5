import { AGE_EVENTS } from '../../contract/age-gauge';
import type { AgeGaugeName, AlarmingGauge } from '../../contract/age-gauge';
import { overdueSeconds } from '../age';
import type { TaskAges } from '../age';
import { expiryWarningSeconds } from '../chain-expiry';
import { pruneOverdueSeconds } from '../prune-age';
import { testRestoreOverdueSeconds } from '../test-restore-age';
import { prometheusGauges } from './prometheus';

const NAMESPACE = 'HypnoScript/Backup';

/** A gauge in seconds: one a task, type and store, one a task and store, and those of a task that alarms look at. */
interface AgeGauge {
  readonly name: AgeGaugeName;
  readonly labels: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** For people. */
  readonly message: string;
}

/** A type that was never backed up has no age: that the task is overdue says it. */
function gaugesOf(ages: TaskAges): readonly AgeGauge[] {
  const { task: Task } = ages;
  const each = ages.ages.flatMap(({ store, type, ageSeconds }): AgeGauge[] => {
    if (ageSeconds === undefined) return [];
    const message = `newest verified ${type} backup of ${Task} in ${store} is ${ageSeconds} seconds old`;
    return [{ name: 'BackupAgeSeconds', labels: { Task, Type: type, Store: store }, seconds: ageSeconds, message }];
  });
  const read = ages.fullReads.map(({ store, ageSeconds, ever }): AgeGauge => {
    const message = ever
      ? `all of ${Task} in ${store} was read again ${ageSeconds} seconds ago`
      : `what lies of ${Task} in ${store} for ${ageSeconds} seconds was never read again`;
    return { name: 'FullReadAgeSeconds', labels: { Task, Store: store }, seconds: ageSeconds, message };
  });
  return [
    ...each,
    ...read,
    ...testRestoreGauges(ages),
    ...expiryGauges(ages),
    ...pruneGauges(ages),
    overdueGauge(ages),
  ];
}

/** Where nobody knows there is none: whoever alarms has to miss it. It keeps apart from backups, whose alarm it would cover. */
function testRestoreGauges({ task: Task, testRestore }: TaskAges): readonly AgeGauge[] {
  if (!testRestore || 'why' in testRestore) return [];
  const { ageSeconds, ever } = testRestore;
  const overdue = testRestoreOverdueSeconds(testRestore);
  const age = ever
    ? `${Task} was restored for a test ${ageSeconds} seconds ago`
    : `what lies of ${Task} for ${ageSeconds} seconds was never restored for a test`;
  const late = `a test restore of ${Task} is ${overdue === 0 ? 'on record in time' : `overdue by ${overdue} seconds`}`;
  return [
    { name: 'TestRestoreAgeSeconds', labels: { Task }, seconds: ageSeconds, message: age },
    { name: 'TestRestoreOverdueSeconds', labels: { Task }, seconds: overdue, message: late },
  ];
}

/** Where nothing verified can be restored there is none: that the task is overdue says it. */
function expiryGauges({ task: Task, expiries }: TaskAges): readonly AgeGauge[] {
  const warning = expiryWarningSeconds(expiries);
  if (warning === undefined) return [];
  const each = expiries.map(({ store, leftSeconds }): AgeGauge => {
    const message =
      leftSeconds < 0
        ? `the lifecycle of ${store} may have taken what the newest verified chain of ${Task} needs for ${-leftSeconds} seconds`
        : `newest verified chain of ${Task} in ${store} expires in ${leftSeconds} seconds`;
    return { name: 'ChainExpirySeconds', labels: { Task, Store: store }, seconds: leftSeconds, message };
  });
  const message =
    warning === 0
      ? `verified chains of ${Task} are kept for long enough`
      : `the newest verified chain of ${Task} in a store expires soon: the warning began ${warning} seconds ago`;
  return [...each, { name: 'ExpiryWarningSeconds', labels: { Task }, seconds: warning, message }];
}

/** A store has one of its own where something is left; where no store could be asked there is none, and that is overdue. */
function pruneGauges({ task: Task, prunes }: TaskAges): readonly AgeGauge[] {
  const overdue = pruneOverdueSeconds(prunes);
  if (overdue === undefined) return [];
  const left = prunes.filter(({ ageSeconds }) => ageSeconds > 0);
  const each = left.map(({ store, ageSeconds }): AgeGauge => {
    const message = `what nothing needs of ${Task} in ${store} could have been removed ${ageSeconds} seconds ago`;
    return { name: 'UnprunedSeconds', labels: { Task, Store: store }, seconds: ageSeconds, message };
  });
  const message = `pruning of ${Task} is ${overdue === 0 ? 'on time' : `overdue by ${overdue} seconds`}`;
  return [...each, { name: 'PruneOverdueSeconds', labels: { Task }, seconds: overdue, message }];
}

function overdueGauge(ages: TaskAges): AgeGauge {
  const { task: Task } = ages;
  const seconds = overdueSeconds(ages);
  const isBackup = overdueSeconds({ ...ages, fullReads: [] }) === seconds;
  const late = `overdue by ${seconds} seconds`;
  const message = isBackup
    ? `verified backups of ${Task} are ${seconds === 0 ? 'young enough' : late}`
    : `reading all of ${Task} again is ${late}`;
  return { name: 'BackupOverdueSeconds', labels: { Task }, seconds, message };
}

/**
 * Ages as lines of CloudWatch's embedded metric format.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function agesToEmf(ages: TaskAges, at: Date): readonly string[] {
  return gaugesOf(ages).map(({ name, labels, seconds }) => emfLine(labels, name, seconds, at));
}

/**
 * The worst of all tasks that a prober looked at, for the one alarm on what it says. It speaks after all of them: where one
 * could not be looked at, it is missing.
 * @param prober - its name
 */
export function unprunedToEmf(prober: string, all: readonly Pick<TaskAges, 'prunes'>[], at: Date): string {
  const name: AlarmingGauge = 'PruneOverdueSeconds';
  return emfLine(
    { Prober: prober },
    name,
    Math.max(0, ...all.map(({ prunes }) => pruneOverdueSeconds(prunes) ?? 0)),
    at,
  );
}

function emfLine(labels: Readonly<Record<string, string>>, name: AgeGaugeName, seconds: number, at: Date): string {
  const dimensions = Object.keys(labels);
  const metrics = [{ Namespace: NAMESPACE, Dimensions: [dimensions], Metrics: [{ Name: name, Unit: 'Seconds' }] }];
  return JSON.stringify({
    _aws: { Timestamp: at.getTime(), CloudWatchMetrics: metrics },
    ...labels,
    [name]: seconds,
  });
}

/**
 * Ages as lines of JSON that Azure Monitor's and Cloud Logging's agents read. `severity` and `time` are Cloud Logging's
 * own keys: https://cloud.google.com/logging/docs/structured-logging
 */
export function agesToStructuredLog(ages: TaskAges, at: Date): readonly string[] {
  return gaugesOf(ages).map(({ name, labels, seconds, message }) =>
    JSON.stringify({
      severity: ALARMING.includes(name) && seconds > 0 ? 'WARNING' : 'INFO',
      time: at.toISOString(),
      message,
      event: AGE_EVENTS[name],
      labels: Object.fromEntries(Object.entries(labels).map(([label, value]) => [label.toLowerCase(), value])),
      metrics: { [name]: seconds },
    }),
  );
}

/** Those that are 0 where all is well. */
const ALARMING: readonly AgeGaugeName[] = [
  'TestRestoreOverdueSeconds',
  'ExpiryWarningSeconds',
  'PruneOverdueSeconds',
  'BackupOverdueSeconds',
] satisfies readonly AlarmingGauge[];

/** The ages of all tasks as one text for a node exporter's textfile collector. */
export function agesToPrometheus(all: readonly TaskAges[], at: Date): string {
  const gauges = all.flatMap(gaugesOf).map(({ name, labels, seconds }) => ({ name, labels, value: seconds }));
  return prometheusGauges([
    ...gauges,
    { name: 'BackupAgeTimestampSeconds', labels: {}, value: Math.floor(at.getTime() / 1000) },
  ]);
}
