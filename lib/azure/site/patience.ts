/** Between two tries. */
const PAUSE_SECONDS = 15;

/** How much sooner a script gives up than its flow, so that its last words are heard. */
const SOONER_SECONDS = 60;

/** Seconds that the flow still has when it sends a script, less a moment, as an expression of the flow. */
export const TIME_LEFT = `@{sub(div(sub(ticks(outputs('Deadline')), ticks(utcNow())), 10000000), ${SOONER_SECONDS})}`;

/**
 * Runs a command until it no longer says that it may work in a while (75: a copy is under way, a lease is not over yet), or
 * the time is over; then its exit code is that of the last try. It is tried once, also without any time.
 * No `${` is in it: Terraform, whose template the script is part of, would take that for its own.
 * @param seconds - how long it is tried: a whole number, or an expression of the flow that sends the script
 * @returns lines of bash
 */
export function patiently(command: string, seconds: string, pauseSeconds = PAUSE_SECONDS): readonly string[] {
  return [
    'while true; do',
    '  code=0',
    `  ${command} || code=$?`,
    `  [ "$code" = 75 ] && [ "$SECONDS" -lt ${seconds} ] || break`,
    `  sleep ${pauseSeconds}`,
    'done',
    '[ "$code" = 0 ] || exit "$code"',
  ];
}
