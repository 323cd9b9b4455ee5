import type { RestoreCheck, TaskManifest } from '../../contract';
import { agesIn } from '../age';
import type { Place } from '../history';
import { clockText } from '../progress/amounts';

/**
 * Whether the newest backups of a place are as young as the schedule promises. An old one may be perfect, and is not
 * what an emergency would need: such a test fails before anything is read.
 */
export async function freshnessOf(place: Place, task: TaskManifest, now: Date): Promise<readonly RestoreCheck[]> {
  const ages = await agesIn(place, task, now);
  return ages.map(({ type, ageSeconds, allowedSeconds }) => ({
    kind: 'freshness',
    name: `newest ${type} in ${place.store.id}`,
    result: ageSeconds === undefined || ageSeconds > allowedSeconds ? 'failed' : 'passed',
    expected: `at most ${clockText(allowedSeconds)}`,
    found: ageSeconds === undefined ? 'none' : clockText(ageSeconds),
  }));
}

/** What the spec promises, beside what was achieved: for people, since promises are not this test's to judge. */
export function objectiveChecks(
  { objective }: TaskManifest,
  achieved: { readonly rtoSeconds: number | undefined; readonly rpoSeconds: number | undefined },
): readonly RestoreCheck[] {
  const one = (
    name: 'rto' | 'rpo',
    promised: number | undefined,
    found: number | undefined,
  ): readonly RestoreCheck[] =>
    promised === undefined || found === undefined
      ? []
      : [
          {
            ...{ kind: 'freshness', name: `${name} of tier ${objective?.tier ?? ''}`, result: 'told' },
            ...{ expected: `at most ${clockText(promised)}`, found: clockText(found) },
          },
        ];
  return [
    ...one('rto', objective?.rtoSeconds, achieved.rtoSeconds),
    ...one('rpo', objective?.rpoSeconds, achieved.rpoSeconds),
  ];
}
