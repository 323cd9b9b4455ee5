import type { BackupManifest } from '../../contract';
import type { VerifiedBackup } from '../copy/source';
import type { Place } from '../history';
import type { StoredObject } from '../store/store';
import { brokenLink, nameOf } from './link';
import type { Survey } from './survey';

/** A backup that can be restored, and the places that hold all that it needs. */
export interface Point {
  readonly sha256: string;
  readonly manifest: BackupManifest;
  /** Of logs: every moment since then can be restored. */
  readonly since?: Date;
  readonly at: Date;
  /** In the order in which the places were surveyed. */
  readonly chains: readonly PlacedChain[];
}

/** A chain in one place, oldest member first. */
export interface PlacedChain {
  readonly place: Place;
  readonly members: readonly VerifiedBackup[];
  /** Objects of the place that lie, or lay, in an archive. */
  readonly cold: readonly StoredObject[];
}

/** A backup that a place has, or had, and can't restore. */
export interface BrokenPoint {
  readonly store: string;
  readonly slot: string;
  readonly type: string;
  /** @default - nobody knows which one it was */
  readonly stored?: VerifiedBackup;
  readonly why: string;
}

export interface Points {
  /** Oldest first. */
  readonly points: readonly Point[];
  readonly broken: readonly BrokenPoint[];
}

/** Follows parents by their hashes within each place: a chain is complete in one place or nowhere. */
export function pointsOf(surveys: readonly Survey[]): Points {
  const points = new Map<string, Point>();
  const broken: BrokenPoint[] = [];
  for (const survey of surveys) {
    const store = survey.place.store.id;
    broken.push(
      ...survey.lost.map(({ slot, type, stored, why }) => ({ store, slot, type, ...(stored && { stored }), why })),
    );
    for (const stored of survey.sound) {
      const { sha256, manifest } = stored;
      const chain = chainIn(survey, stored);
      if ('why' in chain) {
        broken.push({ store, slot: manifest.slot, type: manifest.type, stored, why: chain.why });
        continue;
      }
      const before = chain.members.at(-2)?.manifest;
      const known = points.get(sha256);
      points.set(sha256, {
        sha256,
        manifest,
        at: new Date(manifest.pointInTime),
        ...(manifest.type === 'log' && before && { since: new Date(before.pointInTime) }),
        chains: [...(known?.chains ?? []), { place: survey.place, members: chain.members, cold: survey.cold }],
      });
    }
  }
  return { points: [...points.values()].sort(byTime), broken };
}

/** Logs that were taken while a full was under way have later slots, and end before or after it: the moment decides. */
function byTime(a: Point, b: Point): number {
  return a.at.getTime() - b.at.getTime() || (a.manifest.slot < b.manifest.slot ? -1 : 1);
}

function chainIn(
  { sound, lost }: Survey,
  last: VerifiedBackup,
): Pick<PlacedChain, 'members'> | { readonly why: string } {
  const byHash = new Map(sound.map((one) => [one.sha256, one]));
  const members: VerifiedBackup[] = [];
  for (let at = last; ;) {
    if (members.includes(at)) return { why: `its parents run in a circle at ${nameOf(at.manifest)}` };
    members.unshift(at);
    const { parent, type } = at.manifest;
    const through = at === last ? '' : `${nameOf(at.manifest)}, which it needs: `;
    if (parent === null) {
      if (type === 'full') return { members };
      return { why: `${through}it follows nothing, although it is no full` };
    }
    const before = byHash.get(parent.sha256);
    if (!before) {
      const gone = lost.find(({ stored }) => stored?.sha256 === parent.sha256);
      return { why: gone ? `${nameOf(parent)}, which it needs: ${gone.why}` : lacks(parent, sound) };
    }
    const why = brokenLink(before.manifest, at.manifest);
    if (why !== undefined) return { why: `${through}${why}` };
    at = before;
  }
}

function lacks(parent: NonNullable<BackupManifest['parent']>, sound: readonly VerifiedBackup[]): string {
  const other = sound.find(({ manifest }) => manifest.slot === parent.slot && manifest.type === parent.type);
  if (other) return `${nameOf(parent)} is another one here than the one that it follows`;
  return `${nameOf(parent)}, which it needs, is not verified here`;
}
