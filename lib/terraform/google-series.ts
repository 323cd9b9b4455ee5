/**
 * Series of machines that take Hyperdisk only, and refuse persistent disks: rules and templates ask the same list.
 * @see https://cloud.google.com/compute/docs/disks/hyperdisks#machine-type-support
 */
const HYPERDISK_ONLY = /^(?:n4|n4d|n4a|c4|c4a|c4d|m4|x4|h4d|z3|a4|a4x)-/;

/** @param machineType - as Compute Engine names it, such as `n4-standard-4` */
export function takesHyperdiskOnly(machineType: string): boolean {
  return HYPERDISK_ONLY.test(machineType);
}
