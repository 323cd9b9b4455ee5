import { ofThePast } from './chain';
import type { StoredManifest } from './manifest';
import { brokenLink, nameOf } from './restore/link';
import type { ReportFinding } from './verify';
import { namesText } from './verify-names';

/** A verified backup, and where its manifest lies. */
export interface PlacedManifest extends StoredManifest {
  readonly key: string;
}

/** A backup that does not follow its parent, although both are here. */
interface BrokenLink {
  readonly child: PlacedManifest;
  readonly why: string;
}

/**
 * Says which verified backups no restore can put on the parent that they name: logs that begin where it does not end, of
 * another server, before it in time. One report for each such link, with all that hangs on it. A parent that is not here
 * is a hole, and told of as such; what has passed its time is left out.
 * @param verified - oldest first
 */
export function reportLinks(verified: readonly PlacedManifest[], now: Date, report: ReportFinding): void {
  const byHash = new Map(verified.map((one) => [one.sha256, one]));
  const links = new Map<string, BrokenLink>();
  for (const child of verified) {
    const parent = parentOf(child, byHash);
    const why = parent && brokenLink(parent.manifest, child.manifest);
    if (why !== undefined) links.set(child.sha256, { child, why });
  }
  const held = new Map<BrokenLink, string[]>();
  for (const stored of verified) {
    const link = linkBefore(stored, byHash, links);
    if (!link || Date.parse(stored.manifest.expiresAt) <= now.getTime()) continue;
    const names = held.get(link) ?? [];
    names.push(nameOf(stored.manifest));
    held.set(link, names);
  }
  const fulls = ofThePast(verified, now).filter(({ manifest }) => manifest.type === 'full' && !manifest.parent);
  const newest = fulls.at(-1)?.manifest;
  for (const [{ child, why }, names] of held) {
    const todo =
      newest && newest.slot > child.manifest.slot
        ? `${nameOf(newest)}, which was taken since, does without`
        : 'take a full';
    report(child.key, 'crossed', `${why}; so ${namesText(names)} can't be restored: ${todo}`);
  }
}

function parentOf(
  { manifest: { parent } }: PlacedManifest,
  byHash: ReadonlyMap<string, PlacedManifest>,
): PlacedManifest | undefined {
  return parent ? byHash.get(parent.sha256) : undefined;
}

/** The nearest broken link that a restore of a backup would have to cross, its own first. */
function linkBefore(
  last: PlacedManifest,
  byHash: ReadonlyMap<string, PlacedManifest>,
  links: ReadonlyMap<string, BrokenLink>,
): BrokenLink | undefined {
  const seen = new Set<string>();
  for (let at: PlacedManifest | undefined = last; at && !seen.has(at.sha256); at = parentOf(at, byHash)) {
    seen.add(at.sha256);
    const link = links.get(at.sha256);
    if (link) return link;
  }
  return undefined;
}
