import { clockHazards } from '../../units';
import type { TimeOfDay } from '../../units';

/** A backup window, from its start on the clock of a zone; an end at or before the start is on the next day. */
export interface Window {
  readonly start: TimeOfDay;
  readonly end: TimeOfDay;
  readonly timeZone: string;
}

/** Minutes since the window's opening, `to` excluded. */
export interface MinuteRange {
  readonly from: number;
  readonly to: number;
}

const DAY = 1440;

/** Length on the clock. A window that ends when it starts is a whole day. */
export function windowMinutes({ start, end }: Window): number {
  return (end.minutes - start.minutes + DAY) % DAY || DAY;
}

/**
 * The parts of a window whose minutes exist on every date, without those that occur twice where anything else is left;
 * all of the window when nothing of it exists on every date.
 */
export function startableRanges(window: Window): readonly MinuteRange[] {
  const { skipped, repeated } = clockHazards(window.timeZone);
  const once = rangesOf(window, (minute) => !skipped.has(minute) && !repeated.has(minute));
  if (once.length > 0) return once;
  const existing = rangesOf(window, (minute) => !skipped.has(minute));
  return existing.length > 0 ? existing : [{ from: 0, to: windowMinutes(window) }];
}

function rangesOf(window: Window, may: (minute: number) => boolean): readonly MinuteRange[] {
  const length = windowMinutes(window);
  const ranges: MinuteRange[] = [];
  let from: number | undefined;
  for (let at = 0; at <= length; at += 1) {
    const good = at < length && may((window.start.minutes + at) % DAY);
    if (good) {
      from ??= at;
    } else if (from !== undefined) {
      ranges.push({ from, to: at });
      from = undefined;
    }
  }
  return ranges;
}
