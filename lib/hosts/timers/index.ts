export { onCalendar } from './calendar';
export type { TaskHost } from './host';
export { renderTimerInstaller } from './installer';
