export { WEEKDAYS, cadenceText, intervalDays, longestInterval, parseCadence } from './cadence';
export type { Cadence, Weekday } from './cadence';
export { Duration } from './duration';
export { digest, fitName, kebab } from './names';
export { parsePercentage } from './percentage';
export { Size } from './size';
export { TimeOfDay } from './time-of-day';
export { TIME_ZONE_DATA, clockChangesAt, isTimeZone, timeZones } from './time-zone';
export type { ClockChange } from './time-zone';
