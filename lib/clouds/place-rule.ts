import type { NameRule, Region } from './cloud';
import { KNOWN, UNKNOWN, malformed } from './name-rule';

/** Regions from a table of names and titles, in the table's order. */
export function regionsOf(titles: Readonly<Record<string, string>>): readonly Region[] {
  return Object.freeze(Object.entries(titles).map(([name, title]) => Object.freeze({ name, title })));
}

export interface PlaceRuleProps {
  /** What the places are, with the cloud: `an AWS region`. */
  readonly described: string;
  readonly example: string;
  readonly source: string;
  readonly places: readonly Region[];
  readonly pattern: RegExp;
  /** How the service compares names. @default - as they are written */
  readonly fold?: (name: string) => string;
}

/** A name outside the list but of the right shape may be newer than the data: unknown. Another shape is malformed. */
export function placeRule({ described, example, source, places, pattern, fold = asWritten }: PlaceRuleProps): NameRule {
  const names = new Set(places.map(({ name }) => fold(name)));
  return {
    text: `${described}, such as ${example}`,
    source,
    judge(name) {
      if (names.has(fold(name))) return KNOWN;
      return pattern.test(fold(name)) ? UNKNOWN : malformed(`is not written like ${described} (${example})`);
    },
  };
}

function asWritten(name: string): string {
  return name;
}
