import type { Content, RestoreCheck } from '../../contract';

/** What a target holds, under the names of a manifest. */
export interface Found {
  readonly database?: string;
  readonly name: string;
  readonly rows?: number;
  readonly entries?: number;
  readonly bytes?: number;
}

const MEASURES = ['rows', 'entries', 'bytes'] as const;

/**
 * Everything that a manifest counted, beside what is there. What the manifest says is exact has to be equal; what is
 * there and in no manifest fails too: a dump and its manifest are of one snapshot.
 */
export function compareCounts(expected: readonly Content[], found: readonly Found[]): readonly RestoreCheck[] {
  const there = new Map(found.map((one) => [keyOf(one), one]));
  const counted = new Set(expected.map(keyOf));
  return [
    // A backup of nothing fails when it is taken, and nothing that was compared proves nothing.
    ...(expected.length > 0 ? [] : [NOTHING]),
    ...expected.map((one): RestoreCheck => {
      const check = { kind: 'count', name: shown(one), expected: amounts(one, one) } as const;
      const seen = there.get(keyOf(one));
      if (!seen) return { ...check, result: 'failed', found: 'missing' };
      const equal = MEASURES.every((measure) => one[measure] === undefined || one[measure] === seen[measure]);
      return { ...check, result: !one.exact ? 'told' : equal ? 'passed' : 'failed', found: amounts(seen, one) };
    }),
    ...found
      .filter((one) => !counted.has(keyOf(one)))
      .map((one): RestoreCheck => {
        const name = shown(one);
        return { kind: 'count', name, result: 'failed', expected: 'not in the manifest', found: amounts(one, one) };
      }),
  ];
}

const NOTHING: RestoreCheck = { kind: 'count', name: 'manifest', result: 'failed', found: 'it counts nothing' };

function keyOf({ database = '', name }: Found): string {
  return `${database}\0${name}`;
}

function shown({ database, name }: Found): string {
  return database === undefined ? name : `${database}: ${name}`;
}

/** Only what was counted: `30 rows`, `4 entries, 120 bytes`. */
function amounts(one: Found, asked: Found): string {
  return MEASURES.filter((measure) => asked[measure] !== undefined)
    .map((measure) => `${one[measure] ?? 'no'} ${measure}`)
    .join(', ');
}
