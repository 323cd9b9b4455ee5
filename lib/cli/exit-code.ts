/** How every command of `hypdr` ends. */
export const EXIT = {
  fine: 0,
  bug: 1,
  badInvocation: 2,
  specErrors: 4,
  findings: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
