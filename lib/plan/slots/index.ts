export { isRounded, frequencyOf } from './frequency';
export type { Frequency } from './frequency';
export { place } from './place';
export type { Placement, Unplaced } from './place';
export { scheduleRuns } from './schedule-runs';
export { startableRanges, windowMinutes } from './window';
export type { MinuteRange, Window } from './window';
export { windowOf } from './window-of';
