import type { NameRule } from '../../lib/clouds';

/** `known`, `unknown`, or the reason why the name is malformed. */
export function judged(rule: NameRule | undefined, name: string): string {
  if (!rule) throw new Error('there is no such rule');
  const verdict = rule.judge(name);
  return verdict.kind === 'malformed' ? verdict.why : verdict.kind;
}
