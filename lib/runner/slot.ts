import { ZoneId, ZonedDateTime, Instant } from '@js-joda/core';
import '@js-joda/timezone';

/** A slot, the planned start of a run, as it stands in names: `20261122T021500Z`. */
export function slotOf(date: Date): string {
  return date
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d{3}Z$/, 'Z');
}

/** @returns the moment, or `undefined` for a text that is no slot */
export function slotDate(slot: string): Date | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(slot);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(date.getTime()) || slotOf(date) !== slot ? undefined : date;
}

/** Fills {year}, {month} and {day} with the slot's date in the zone of the window, zero padded. */
export function fillPath(path: string, slot: Date, zone: string): string {
  const local = ZonedDateTime.ofInstant(Instant.ofEpochMilli(slot.getTime()), ZoneId.of(zone));
  const two = (value: number) => String(value).padStart(2, '0');
  const values = {
    year: String(local.year()).padStart(4, '0'),
    month: two(local.monthValue()),
    day: two(local.dayOfMonth()),
  };
  return path.replace(/\{(year|month|day)\}/g, (_, name: keyof typeof values) => values[name]);
}
