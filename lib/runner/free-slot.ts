import type { BackupType } from '../contract';
import type { Taking } from './take';
import { runKeys } from './object-key';
import { fillPath, slotDate, slotOf } from './slot';

/** Names that are tried, each a second after the one before. */
const TRIES = 3600;

/**
 * The slot under which a run publishes: the planned one, unless something that is no backup of the task lies under that
 * name in one of the places. Nothing is ever overwritten, so a name that somebody spoilt is lost for good, and a
 * schedule tells all names to come: then the run takes its own start for its slot, as a run by hand does.
 */
export function freeSlot({ slot, task, histories, machine }: Taking, type: BackupType): string {
  const spoilt = (name: string) =>
    histories.find(({ place, strangers }) => {
      const path = fillPath(place.path, slotDate(name) ?? machine.now(), task.window.timeZone);
      return strangers.includes(runKeys(path, name, type, '').manifest);
    });
  const there = spoilt(slot);
  if (!there) return slot;
  const from = machine.now().getTime();
  const names = Array.from({ length: TRIES }, (_, second) => slotOf(new Date(from + second * 1000)));
  const free = names.find((name) => !spoilt(name)) ?? slot;
  machine.log({
    level: 'warning',
    event: 'slot_spoilt',
    message: `what ${there.place.store.url} holds under ${slot}-${type} is no backup of this task: this one is published as ${free}`,
    task: task.name,
  });
  return free;
}
