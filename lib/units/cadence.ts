import { Duration } from './duration';

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** How often something happens. `every` is an interval such as 15m or 6h; `as_needed` has none. */
export type Cadence =
  | { readonly kind: 'hourly' | 'daily' | 'weekly' | 'monthly' | 'as_needed' }
  | { readonly kind: 'every'; readonly seconds: number };

const NAMED = ['hourly', 'daily', 'weekly', 'monthly', 'as_needed'] as const;
const LONGEST_DAYS = { hourly: 1 / 24, daily: 1, weekly: 7, monthly: 31 } as const;

/** Reads `hourly`, `daily`, `weekly`, `monthly`, `as_needed` or a duration such as `15m`. */
export function parseCadence(text: string): Cadence | undefined {
  const named = NAMED.find((name) => name === text);
  if (named) return { kind: named };
  const every = Duration.parse(text);
  return every ? { kind: 'every', seconds: every.seconds } : undefined;
}

/** The longest time between two runs; `undefined` for `as_needed`. A month counts 31 days. */
export function longestInterval(cadence: Cadence): Duration | undefined {
  if (cadence.kind === 'every') return Duration.seconds(cadence.seconds);
  if (cadence.kind === 'as_needed') return undefined;
  return Duration.seconds(LONGEST_DAYS[cadence.kind] * 86_400);
}

/** The longest time between two runs in days, rounded up. */
export function intervalDays(cadence: Cadence): number {
  return Math.ceil((longestInterval(cadence)?.seconds ?? 0) / 86_400);
}

export function cadenceText(cadence: Cadence): string {
  return cadence.kind === 'every' ? `every ${Duration.seconds(cadence.seconds)}` : cadence.kind;
}
