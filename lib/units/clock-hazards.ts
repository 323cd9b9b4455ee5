import { Instant, ZoneId } from '@js-joda/core';
import type { ZoneRules } from '@js-joda/core';
import '@js-joda/timezone';

/** Minutes of the day (0 to 1439) that a zone's clock skips, or shows twice, on some date. */
export interface ClockHazards {
  readonly skipped: ReadonlySet<number>;
  readonly repeated: ReadonlySet<number>;
}

/** Years whose clock changes count: fixed, so that the same spec gives the same plan on any day. */
export const HAZARD_YEARS = { from: 2026, to: 2036 } as const;

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const known = new Map<string, ClockHazards>();

/** The hazards of a zone from the start of 2026 to the end of 2036, from the bundled time-zone data. */
export function clockHazards(zone: string): ClockHazards {
  const answered = known.get(zone) ?? find(zone);
  known.set(zone, answered);
  return answered;
}

/** Offsets are compared day by day: no zone changes its clock twice within one. */
function find(zone: string): ClockHazards {
  const rules = ZoneId.of(zone).rules();
  const skipped = new Set<number>();
  const repeated = new Set<number>();
  const end = Date.UTC(HAZARD_YEARS.to + 1, 0, 2);
  let day = Date.UTC(HAZARD_YEARS.from, 0, 1) - DAY;
  let before = offsetAt(rules, day);
  for (; day < end; day += DAY) {
    const after = offsetAt(rules, day + DAY);
    if (after === before) continue;
    const change = changeWithin(rules, day, day + DAY);
    const [hazard, from, to] = after > before ? [skipped, before, after] : [repeated, after, before];
    addMinutes(hazard, change + from * MINUTE, change + to * MINUTE);
    before = after;
  }
  return { skipped, repeated };
}

const offsets = new Map<string, readonly number[]>();

/** Minutes by which a zone's clock is ahead of UTC in these years: one, or one for each of its seasons. */
export function offsetMinutes(zone: string): readonly number[] {
  const answered = offsets.get(zone) ?? findOffsets(zone);
  offsets.set(zone, answered);
  return answered;
}

function findOffsets(zone: string): readonly number[] {
  const rules = ZoneId.of(zone).rules();
  const found = new Set<number>();
  const end = Date.UTC(HAZARD_YEARS.to + 1, 0, 2);
  for (let day = Date.UTC(HAZARD_YEARS.from, 0, 1); day < end; day += DAY) found.add(offsetAt(rules, day));
  return [...found];
}

/** Minutes by which the zone's clock is ahead of UTC. */
function offsetAt(rules: ZoneRules, moment: number): number {
  return rules.offsetOfInstant(Instant.ofEpochMilli(moment)).totalSeconds() / 60;
}

/** First minute with the later offset. */
function changeWithin(rules: ZoneRules, from: number, to: number): number {
  const before = offsetAt(rules, from);
  let low = from;
  let high = to;
  while (high - low > MINUTE) {
    const middle = low + Math.floor((high - low) / (2 * MINUTE)) * MINUTE;
    if (offsetAt(rules, middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

function addMinutes(minutes: Set<number>, from: number, to: number): void {
  for (let at = from; at < to; at += MINUTE) minutes.add(Math.floor((at % DAY) / MINUTE));
}
