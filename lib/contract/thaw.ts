/**
 * How a test restore waits for what lies in an archive, in each cloud: the fastest way out takes minutes, the slowest two
 * days (https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html), so that these
 * looks are three days.
 */
export const THAW_PATIENCE = { lookMinutes: 30, looks: 144 } as const;

/**
 * Days for which a thawed copy can be read, and after which a thawed blob is archived again: a request late on a Friday
 * is still worth something on Thursday.
 */
export const THAWED_DAYS = 7;
