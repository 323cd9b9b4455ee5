import type { TaskManifest } from '../../contract';
import type { Point } from './point';

/** Moments between two points that no logs reach. */
export interface Gap {
  readonly from: Date;
  readonly to: Date;
}

/** Whether a task promises every moment, by logs, and not only those of its backups. */
export function isContinuous({ engine, runs }: Pick<TaskManifest, 'engine' | 'runs'>): boolean {
  return engine !== 'files' && engine !== 'postgresql' && runs.some(({ type }) => type === 'log');
}

/** @param points - oldest first */
export function gapsIn(points: readonly Point[]): readonly Gap[] {
  const gaps: Gap[] = [];
  const spans = points.map(({ since, at }) => ({ from: since ?? at, to: at }));
  let reached: Date | undefined;
  for (const { from, to } of spans.sort((a, b) => a.from.getTime() - b.from.getTime())) {
    if (reached && from > reached) gaps.push({ from: reached, to: from });
    if (!reached || to > reached) reached = to;
  }
  return gaps;
}
