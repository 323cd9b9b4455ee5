import { chainOf } from './chain';
import type { History } from './chain';
import type { StoredManifest } from './manifest';
import { nameOf } from './restore/link';
import type { ReportFinding } from './verify';
import { namesText } from './verify-names';

/**
 * Says which verified backups of a place can't be restored from it, since something before them is not verified there:
 * one report for each thing that lacks. Nothing is damaged, and a copy heals it; what has passed its time is left out.
 */
export function reportHoles(verified: History, now: Date, report: ReportFinding): void {
  const held = new Map<string, { readonly lacking: string; readonly backups: StoredManifest[] }>();
  for (const stored of verified) {
    if (Date.parse(stored.manifest.expiresAt) <= now.getTime() || chainOf(verified, stored)) continue;
    const { sha256, name } = lackingFor(stored, verified);
    const hole = held.get(sha256) ?? { lacking: name, backups: [] };
    hole.backups.push(stored);
    held.set(sha256, hole);
  }
  for (const { lacking, backups } of held.values()) {
    const which = namesText(backups.map(({ manifest }) => nameOf(manifest)));
    report('', 'hole', `${lacking} is not verified here, and without it ${which} can't be restored from here`);
  }
}

/** The nearest thing before a backup that is not there. */
function lackingFor(last: StoredManifest, history: History): { readonly sha256: string; readonly name: string } {
  const byHash = new Map(history.map((one) => [one.sha256, one]));
  const seen = new Set<string>();
  for (let at = last; ;) {
    const { parent, slot, type } = at.manifest;
    seen.add(at.sha256);
    const before = parent ? byHash.get(parent.sha256) : undefined;
    if (parent && !before) return { sha256: parent.sha256, name: `the ${parent.type} of ${parent.slot}` };
    if (!before || seen.has(before.sha256)) return { sha256: at.sha256, name: `what ${slot}-${type} follows` };
    at = before;
  }
}
