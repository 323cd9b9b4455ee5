import type { Value } from '../syntax';

const LONGEST = 60;

/** What stands in the text, for messages: the user's own words, cut when they are long. */
export function foundText(value: Value, environment: Readonly<Record<string, string | undefined>> = {}): string {
  switch (value.kind) {
    case 'string':
      return JSON.stringify(value.value.length > LONGEST ? `${value.value.slice(0, LONGEST)}...` : value.value);
    case 'number':
    case 'boolean':
      return String(value.value);
    case 'env':
      return `env.${value.name}${environment[value.name] === undefined ? '' : ` = ${JSON.stringify(environment[value.name])}`}`;
    case 'list':
      return 'a list';
    case 'object':
      return 'a block';
    case 'invalid':
      return 'nothing readable';
  }
}
