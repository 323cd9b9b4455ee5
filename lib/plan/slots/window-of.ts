import type { GeneralSpec } from '../../spec';
import type { Window } from './window';

export function windowOf({ backup_window: { start, end, timezone } }: GeneralSpec): Window {
  return { start, end, timeZone: timezone };
}
