import type { Machine } from './machine';

/** What an operator sets for hooks: no other program that a run starts gets it. */
const PREFIX = 'HYPDR_HOOK_';

/** A shorter value is a switch or a number, which messages may hold. */
const SHORTEST_SECRET = 6;

/** Variables of the environment that are meant for hooks, and the values among them that are kept out of messages. */
export function hookVariables({ environment }: Pick<Machine, 'environment'>): {
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
} {
  const entries = Object.entries(environment).flatMap(([name, value]) =>
    name.startsWith(PREFIX) && value ? [[name, value] as const] : [],
  );
  return {
    variables: Object.fromEntries(entries),
    secrets: entries.map(([, value]) => value).filter((value) => value.length >= SHORTEST_SECRET),
  };
}
