import type { TaskManifest } from '../contract';

/** What other parts of the plan say of tasks. */
export interface KnownOfTasks {
  /** Whether a test restore may find archived what it reads. */
  readonly isArchived: (task: TaskManifest) => boolean;
  /** Names of those whose data set machines of sites write to as well. */
  readonly onSites: ReadonlySet<string>;
}
