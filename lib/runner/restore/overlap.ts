/** Another restore of the same task to the same target runs on this host, or of the same target on another one. */
export class OverlapError extends Error {
  constructor() {
    super('another restore to this target is under way');
  }
}
