/** How `hypdr-runner` ends: the one table that schedulers and alarms go by. */
export const EXIT = {
  /** Everything that was asked for is there. */
  success: 0,
  /** A bug of this program. */
  bug: 1,
  /** The command line or the task manifest is wrong. */
  badInvocation: 2,
  /** A backup was published, and something is missing in it (degraded), or a store was left out. */
  degraded: 3,
  /** What is stored is not what it should be: verification failed. */
  damaged: 4,
  /** Another run of the same source holds the lock. */
  overlap: 5,
  /** It may work in a while: throttling, a network, a server that restarts. */
  retry: 75,
  /** It will not work until somebody changes something: password, rights, a missing bucket, versions. */
  permanent: 78,
  /** Ended by SIGINT or SIGTERM after cleaning up. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
