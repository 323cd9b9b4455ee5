import type { BackupStream } from '../../contract';
import { EngineError } from '../engine/engine';
import { EXIT } from '../exit-code';
import type { Place } from '../history';
import type { Machine } from '../machine';
import { readAll, sha256Of } from '../manifest';
import type { RetrievalTier } from '../store/archive';
import { StoreError } from '../store/store';
import { nearestOf, nearestPoint } from './choose';
import type { Refusal } from './choose';
import type { PlacedChain, Point, Points } from './point';
import { spoolChain } from './spool';
import type { SpooledBackup } from './spool';
import type { Target } from './target';
import { archivedNow, requestThaw, thawText, waitForThaw } from './thaw';
import type { Thaw } from './thaw';

export interface Reading {
  readonly point: Point;
  readonly points: Points;
  readonly folder: string;
  readonly target: Target;
  readonly machine: Machine;
  readonly onBytes: (bytes: number) => void;
  /** Whether what lies in an archive is waited for, after it was asked for. */
  readonly archived: 'wait' | 'come back';
  readonly tierOf: (chain: PlacedChain) => RetrievalTier;
}

/** A chain that was read in full, with what was wrong on the way to it. */
export interface Read {
  readonly chain: PlacedChain;
  readonly spooled: readonly SpooledBackup[];
  readonly warnings: readonly string[];
}

/**
 * Reads a point from the first place that has all of it as it was; a damaged one, or one that is gone, is said. What
 * lies in an archive is asked for, and nothing else of it.
 * @returns why no place has it, with the nearest point that needs nothing of what is damaged
 */
export async function readFromAny(
  asked: Reading,
): Promise<Read | (Refusal & { readonly warnings: readonly string[]; readonly thaw?: Thaw })> {
  const { point, points, folder, target, machine, onBytes } = asked;
  const warnings: string[] = [];
  const spoiled: Spoiled[] = [];
  let damaged = false;
  let retry = false;
  for (const chain of point.chains) {
    let reading = '';
    try {
      const thawing = { chain, wants: (one: BackupStream) => target.wants(one), tier: asked.tierOf(chain), machine };
      const archived = await archivedNow(thawing);
      if (archived.length > 0) {
        const requested = await requestThaw(thawing, archived);
        const { thaw, left } = requested;
        if (left.length > 0 && asked.archived === 'come back') {
          const why = `${thawText(thaw, 'asked')}: come back at ${thaw.comeBack}, or say --wait`;
          return { exit: EXIT.retry, why, warnings, thaw };
        }
        await waitForThaw(thawing, requested);
      }
      const spooled = await spoolChain(chain, {
        folder,
        wants: (one) => target.wants(one),
        machine,
        onBytes,
        onBackup: ({ sha256 }) => (reading = sha256),
      });
      return { chain, spooled, warnings: [...warnings, ...(await changedManifests(chain))] };
    } catch (error) {
      machine.signal.throwIfAborted();
      // Without the identity, or room in scratch, no other place helps.
      if (error instanceof EngineError || !(error instanceof StoreError)) throw error;
      const isDamage = error.kind === 'damaged' || error.kind === 'missing';
      damaged ||= isDamage;
      // What was thawed went back meanwhile: the next restore asks again.
      retry ||= error.kind === 'retry' || error.kind === 'archived';
      if (isDamage) spoiled.push({ place: chain.place, sha256: reading });
      warnings.push(`${chain.place.store.id} is passed over: ${error.message}`);
      machine.log({ level: 'warning', event: 'restore_other_store', message: warnings.at(-1) ?? '' });
    }
  }
  const exit = damaged ? EXIT.damaged : retry ? EXIT.retry : EXIT.permanent;
  const why = `no store has all of it as it was: ${warnings.join('; ')}`;
  const nearest = nearestPoint(
    points.points.filter((one) => !needs(one, spoiled) && one.sha256 !== point.sha256),
    point.at,
  );
  return { exit, why, warnings: [], ...(nearest && { nearest: nearestOf(nearest) }) };
}

/** What stands in the ledger was followed; that the store has something else under the name is said. */
async function changedManifests({ place: { store }, members }: PlacedChain): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const { entry } of members) {
    const version = entry.objects.find(({ key }) => key === entry.manifestKey)?.version;
    const bytes: Buffer | 'archived' | undefined = await store
      .read(entry.manifestKey, { ...(version !== undefined && { version }) })
      .then(readAll)
      .catch((error: unknown) => {
        if (error instanceof StoreError) return error.kind === 'archived' ? 'archived' : undefined;
        throw error;
      });
    if (bytes === 'archived' || (bytes && sha256Of(bytes) === entry.manifestSha256)) continue;
    warnings.push(`${entry.manifestKey} in ${store.id} is not what was verified: the ledger's copy of it was followed`);
  }
  return warnings;
}

/** A backup that is not in a place as it was. */
interface Spoiled {
  readonly place: Place;
  readonly sha256: string;
}

function needs({ chains }: Point, spoiled: readonly Spoiled[]): boolean {
  return chains.every(({ place, members }) =>
    spoiled.some((one) => one.place === place && members.some(({ sha256 }) => sha256 === one.sha256)),
  );
}
