import type { Report } from '../../diagnostics';
import type { Spec } from '../spec';

/** A rule over several fields of a typed spec. Returns early where it does not apply. */
export type SpecCheck = (spec: Spec, report: Report) => void;
