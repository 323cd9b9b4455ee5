import { readManifestKey } from '../object-key';
import { slotDate } from '../slot';

/** Which moment is to be restored, as the command line says it. */
export type Wish =
  | { readonly kind: 'latest' }
  | { readonly kind: 'backup'; readonly slot: string; readonly type?: string }
  | { readonly kind: 'moment'; readonly at: Date };

const NAMED = /^(\d{8}T\d{6}Z)(?:-(full|incremental|differential|log))?$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** `latest`, a slot, `SLOT-TYPE`, the key of a manifest, or a time that says its zone. */
export function readWish(text: string): Wish | { readonly wrong: string } {
  if (text === 'latest') return { kind: 'latest' };
  const key = readManifestKey(text);
  if (key) return { kind: 'backup', ...key };
  const [, slot, type] = NAMED.exec(text) ?? [];
  if (slot !== undefined && slotDate(slot)) return { kind: 'backup', slot, ...(type !== undefined && { type }) };
  const at = new Date(text.replace(' ', 'T'));
  if (MOMENT.test(text) && !Number.isNaN(at.getTime())) return { kind: 'moment', at };
  return {
    wrong: `--from is latest, a slot (20261122T021500Z), the key of a manifest, or a time with its zone (2026-11-22T03:15:00+01:00), not "${text}"`,
  };
}
