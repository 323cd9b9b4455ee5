import type { RestoreRecord } from '../contract';
import { Duration } from '../units';
import type { Estimate } from './drill-estimates';
import { table } from './table';

/** What a drill came to, for people. */
export function renderDrill(record: RestoreRecord, estimates: readonly Estimate[]): string {
  const { backup, store, objective } = record;
  const from = backup ? `, ${backup.slot}-${backup.type} of ${backup.pointInTime} from ${store ?? 'no store'}` : '';
  const failed = record.checks.filter((one) => one.result === 'failed');
  return [
    `drill of "${record.task}" ${record.result}${from}\n`,
    ...(record.why === undefined ? [] : [`why: ${record.why}\n`]),
    ...(record.steps.length > 0
      ? [
          '\n',
          table(
            ['step', 'took'],
            record.steps.map(({ step, seconds }) => [step, spanText(seconds)]),
          ),
        ]
      : []),
    ...(estimates.length > 0
      ? ['\n', table(['step of the spec, by its words', 'estimated', 'measured', ''], estimates.map(estimateRow))]
      : []),
    '\n',
    promised('RTO achieved', record.rtoAchievedSeconds, objective?.rtoSeconds, objective?.tier),
    promised('RPO achieved', record.rpoAchievedSeconds, objective?.rpoSeconds, objective?.tier),
    `checks: ${record.checks.filter((one) => one.result === 'passed').length} passed, ${failed.length} failed\n`,
    ...failed.map(
      ({ name, expected, found }) => `  ${name}: ${found ?? 'failed'}${expected ? `, not ${expected}` : ''}\n`,
    ),
    ...record.warnings.map((one) => `warning: ${one}\n`),
  ].join('');
}

function estimateRow({ path, action, estimatedSeconds, measuredSeconds }: Estimate): readonly string[] {
  const verdict = measuredSeconds > estimatedSeconds ? 'longer than estimated' : '';
  return [`${action} (${path})`, spanText(estimatedSeconds), spanText(measuredSeconds), verdict];
}

function promised(what: string, seconds: number | undefined, promise: number | undefined, tier = ''): string {
  if (seconds === undefined) return `${what}: nothing was restored\n`;
  if (promise === undefined) return `${what}: ${spanText(seconds)}; the spec promises none\n`;
  const verdict = seconds <= promise ? 'kept' : 'MISSED';
  return `${what}: ${spanText(seconds)} of ${spanText(promise)} promised for ${tier}: ${verdict}\n`;
}

/** As the spec writes times where they are whole minutes; what was measured has its seconds. */
function spanText(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds % 60 === 0) return Duration.minutes(seconds / 60).toString();
  const whole = Math.round(seconds);
  const minutes = Math.floor((whole % 3600) / 60);
  const parts = [Math.floor(whole / 3600), minutes, whole % 60];
  return ['h', 'm', 's'].flatMap((unit, at) => (parts[at] ? [`${parts[at]}${unit}`] : [])).join(' ');
}
