import type { BackupType } from '../contract';
import type { Taking } from './take';
import { runKeys, runOf } from './object-key';
import { fillPath, slotDate, slotOf } from './slot';

/** Names that are tried, each a second after the one before. */
const TRIES = 3600;

/**
 * The slot under which a run publishes: the planned one, unless something lies under that name in one of the places.
 * Nothing is ever overwritten, so a name that somebody spoilt is lost for good, and a schedule tells all names to come;
 * and two attempts under one name, each in another place, could never be copied to where the other one is. Then the run
 * takes its own start for its slot, as a run by hand does.
 */
export function freeSlot({ slot, task, histories, dropped, machine }: Taking, type: BackupType): string {
  const taken = (name: string) => {
    for (const { place, history, strangers, begun } of histories) {
      const path = fillPath(place.path, slotDate(name) ?? machine.now(), task.window.timeZone);
      const where = place.store.url;
      const { manifest } = runKeys(path, name, type, '');
      if (strangers.includes(manifest))
        return { event: 'slot_spoilt', why: `what ${where} holds under ${name}-${type} is no backup of this task` };
      if (history.some((one) => one.manifest.slot === name && one.manifest.type === type))
        return { event: 'slot_taken', why: `${where} holds another attempt of ${name}-${type}, and not every place` };
      const [out] = dropped;
      if (out && begun?.has(runOf(manifest)))
        return {
          event: 'slot_taken',
          why: `${where} holds data of another attempt of ${name}-${type}, which may be published in ${out.store}, where nobody can look`,
        };
    }
    return undefined;
  };
  const there = taken(slot);
  if (!there) return slot;
  const from = machine.now().getTime();
  const names = Array.from({ length: TRIES }, (_, second) => slotOf(new Date(from + second * 1000)));
  const free = names.find((name) => !taken(name)) ?? slot;
  const { event, why } = there;
  machine.log({ level: 'warning', event, message: `${why}: this one is published as ${free}`, task: task.name });
  return free;
}
