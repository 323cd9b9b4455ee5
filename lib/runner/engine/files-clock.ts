import type { BackupManifest } from '../../contract';
import type { Machine } from '../machine';

/** Clocks are corrected in small steps all the time; what lies within one is nobody's loss but this one's. */
const STEP_SECONDS = 5;

/** What stands beside the point in time of a backup: this start of the host, and for how long it has been up. */
export function clockNotes({ boot }: Pick<Machine, 'boot'>): Readonly<Record<string, string>> {
  const since = boot?.();
  return since ? { 'clock.boot': since.id, 'clock.seconds': since.seconds.toFixed(1) } : {};
}

/**
 * Whether the clock was set back since a backup, which was then taken at a time that had not come yet: files that changed
 * from the correction until that time look older than its state, and tar would take them for stored. Seen as long as the
 * host was not started anew; else the states and manifests from the future tell it, until their time has come.
 */
export function wasSetBack(
  { boot, now }: Pick<Machine, 'boot' | 'now'>,
  { pointInTime, source }: Pick<BackupManifest, 'pointInTime' | 'source'>,
): boolean {
  const since = boot?.();
  const { 'clock.boot': id, 'clock.seconds': noted } = source.position;
  if (!since || since.id !== id || noted === undefined) return false;
  const passed = since.seconds - Number(noted);
  const shown = (now().getTime() - Date.parse(pointInTime)) / 1000;
  return passed - shown > STEP_SECONDS;
}
