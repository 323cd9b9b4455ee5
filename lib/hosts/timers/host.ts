import type { HostTimer, TaskManifest } from '../../contract';

/** A task on a host with Linux that starts it by its own timers. Nothing in it is secret. */
export interface TaskHost {
  /** Name of files and units: letters, digits and hyphens. */
  readonly word: string;
  readonly task: TaskManifest;
  readonly timers: readonly HostTimer[];
  /** SHA-256 of the runner, which lies beside the installer's folder. */
  readonly runnerSha256: string;
}
