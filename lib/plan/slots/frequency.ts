import type { Cadence } from '../../units';

/** How often a scheduler of a cloud can start something: at dates of a calendar, or by intervals that divide a day. */
export type Frequency =
  { readonly kind: 'daily' | 'weekly' | 'monthly' } | { readonly kind: 'interval'; readonly everySeconds: number };

/** Minutes that a cron expression can count without a rest, longest first. */
const MINUTES = [720, 480, 360, 240, 180, 120, 60, 30, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1];
const DAY = 86_400;

/** The cadence itself, or the next more frequent one that every scheduler knows: a promise is kept rather than missed. */
export function frequencyOf(cadence: Cadence): Frequency {
  switch (cadence.kind) {
    case 'hourly':
      return { kind: 'interval', everySeconds: 3600 };
    case 'daily':
    case 'weekly':
    case 'monthly':
      return { kind: cadence.kind };
    case 'as_needed':
      return { kind: 'daily' };
    case 'every':
      if (cadence.seconds >= 31 * DAY) return { kind: 'monthly' };
      if (cadence.seconds >= 7 * DAY) return { kind: 'weekly' };
      if (cadence.seconds >= DAY) return { kind: 'daily' };
      return { kind: 'interval', everySeconds: (MINUTES.find((one) => one * 60 <= cadence.seconds) ?? 1) * 60 };
  }
}

/** Whether the frequency is another one than the cadence asked for. */
export function isRounded(cadence: Cadence): boolean {
  if (cadence.kind !== 'every') return false;
  const frequency = frequencyOf(cadence);
  const days = { daily: DAY, weekly: 7 * DAY, monthly: 31 * DAY } as const;
  return cadence.seconds !== (frequency.kind === 'interval' ? frequency.everySeconds : days[frequency.kind]);
}
