import { MACHINE_KINDS } from './machines';
import { SITE_KINDS } from './sites';
import { STARTING_KINDS } from './starting';
import { STORE_KINDS } from './stores';
import { TASK_KINDS } from './tasks';
import { WATCHING_KINDS } from './watching';
import type { RoleKind } from './kind';

export type { RoleKind } from './kind';

/** The table: every role of every template is one of these. */
export const KINDS: readonly RoleKind[] = [
  ...STORE_KINDS,
  ...TASK_KINDS,
  ...MACHINE_KINDS,
  ...STARTING_KINDS,
  ...WATCHING_KINDS,
  ...SITE_KINDS,
];
