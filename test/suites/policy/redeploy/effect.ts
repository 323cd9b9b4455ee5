import type { StackJson } from '../../../../lib/terraform/stack-json';
import type { Call } from './call';

/** What a call makes of one attribute of a resource of the template. */
export interface Change {
  /** `type.name`, as in Terraform's messages. */
  readonly address: string;
  /** As `ignore_changes` writes it. */
  readonly path: string;
  readonly value: unknown;
  /**
   * Something else than the template says, which shows whether Terraform would change it back; 'same' where a workflow
   * only repeats the template. @default - the value
   */
  readonly other?: unknown;
}

export interface Effect {
  readonly method: string;
  /** The whole URL; groups are handed over. */
  readonly url: RegExp;
  readonly changes: (groups: readonly string[], call: Call, stack: StackJson) => readonly Change[];
}

/** For what is no resource of ours, or starts something that has calls of its own. */
export const nothing: Effect['changes'] = () => [];

/** What the calls change; a call of which nobody said what it changes is an error. */
export function changesBy(effects: readonly Effect[], calls: readonly Call[], stack: StackJson): readonly Change[] {
  return calls.flatMap((call) => {
    for (const { method, url, changes } of effects) {
      const found = method === call.method ? url.exec(call.url) : null;
      if (found) return changes(found.slice(1), call, stack);
    }
    throw new Error(`nobody says what this call changes: ${call.method} ${call.url}`);
  });
}
