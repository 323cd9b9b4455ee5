const SECONDS_A_DAY = 86_400;

/** Google counts retention and rotation in seconds where a spec counts days. */
export function secondsOf(days: number): number {
  return days * SECONDS_A_DAY;
}
