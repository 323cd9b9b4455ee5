import type { NameRule, NameVerdict, Reading } from './cloud';

export const KNOWN: NameVerdict = Object.freeze({ kind: 'known' });
export const UNKNOWN: NameVerdict = Object.freeze({ kind: 'unknown' });

export function malformed(why: string): NameVerdict {
  return { kind: 'malformed', why };
}

export function refused<T>(why: string): Reading<T> {
  return { ok: false, why };
}

/** One way in which a name can be wrong: the reason, or nothing when the name is fine in this respect. */
export type Fault = (name: string) => string | undefined;

export interface NamingProps {
  readonly text: string;
  readonly source: string;
  /** Fewest and most characters. */
  readonly length: readonly [number, number];
  /** Tried in this order after the length; the first that applies is the reason given. */
  readonly faults: readonly Fault[];
}

/** A rule for names that the user is free to choose: such a name is known or malformed, there is no list of them. */
export function namingRule({ text, source, length: [fewest, most], faults }: NamingProps): NameRule {
  const length: Fault = (name) =>
    name.length < fewest || name.length > most
      ? `has ${name.length} ${name.length === 1 ? 'character' : 'characters'}, needs ${fewest} to ${most}`
      : undefined;
  return { text, source, judge: (name) => judgeBy([length, ...faults], name) };
}

export function judgeBy(faults: readonly Fault[], name: string): NameVerdict {
  for (const fault of faults) {
    const why = fault(name);
    if (why !== undefined) return malformed(why);
  }
  return KNOWN;
}

/** Refuses a name with a character that the pattern, which describes one character, does not match. */
export function onlyCharacters(one: RegExp, described: string): Fault {
  return (name) => {
    const other = [...name].find((character) => !one.test(character));
    return other === undefined ? undefined : `has "${other}", takes only ${described}`;
  };
}

export function never(pattern: RegExp, why: string): Fault {
  return (name) => (pattern.test(name) ? why : undefined);
}

export function always(pattern: RegExp, why: string): Fault {
  return (name) => (pattern.test(name) ? undefined : why);
}

/** S3 and Cloud Storage refuse a name that is formatted as an IPv4 address, whether or not it could be one. */
export const notAnAddress: Fault = never(/^\d{1,3}(\.\d{1,3}){3}$/, 'is formatted as an IP address');
