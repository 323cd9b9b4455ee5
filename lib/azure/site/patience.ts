/** Between two tries. */
const PAUSE_SECONDS = 15;

/**
 * Runs a command until it no longer says that it may work in a while (75: a copy is under way, a lease is not over yet), or
 * the time is over; then its exit code is that of the last try.
 * @param seconds - how long it is tried; `HYPDR_PAUSE` is the pause of tests
 * @returns lines of bash
 */
export function patiently(command: string, seconds: number): readonly string[] {
  return [
    'code=75',
    `while [ "$code" = 75 ] && [ "$SECONDS" -le ${seconds} ]; do`,
    '  code=0',
    `  ${command} || code=$?`,
    `  [ "$code" != 75 ] || sleep "\${HYPDR_PAUSE:-${PAUSE_SECONDS}}"`,
    'done',
    '[ "$code" = 0 ] || exit "$code"',
  ];
}
