import type { Report } from '../../diagnostics';
import type { Spec } from '../spec';
import type { SpecCheck } from './check';
import { lifecycleOrder } from './lifecycle-order';
import { knownPlaces, siteValues } from './places';
import { peopleReferences, specReferences } from './references';
import { runDays, windowLength } from './run-day';
import { stepOrder } from './steps';

const CHECKS: readonly SpecCheck[] = [
  knownPlaces,
  lifecycleOrder,
  peopleReferences,
  runDays,
  siteValues,
  specReferences,
  stepOrder,
  windowLength,
];

/** All rules over several fields. */
export function checkSpec(spec: Spec, report: Report): void {
  for (const check of CHECKS) check(spec, report);
}
