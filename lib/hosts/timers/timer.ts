import type { RunSchedule } from '../../contract';
import { onCalendar } from './calendar';

export interface Timer {
  /** Name of the template of services: `UNIT@DOES.service` is what it starts. */
  readonly unit: string;
  readonly does: string;
  readonly schedule: RunSchedule;
}

/** A timer of systemd. A start on a calendar that was missed is made up for once the machine is on. */
export function renderTimer({ unit, does, schedule }: Timer): string {
  return [
    '[Unit]',
    `Description=Starts ${unit} ${does}`,
    '',
    '[Timer]',
    ...onCalendar(schedule).map((line) => `OnCalendar=${line}`),
    ...(schedule.kind === 'calendar' ? ['Persistent=true'] : []),
    'AccuracySec=1s',
    `Unit=${unit}@${does}.service`,
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ].join('\n');
}
