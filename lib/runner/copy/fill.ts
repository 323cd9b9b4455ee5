import type { Machine } from '../machine';
import type { StoredManifest } from '../manifest';
import { copyBackup } from './backup';
import type { BackupCopied } from './backup';
import type { Destination, DestinationState } from './destination';
import { failureOf, worstOf } from './outcome';
import type { CopyLine, FillState, Filled } from './outcome';
import { planCopy } from './plan';
import type { CopySource } from './source';
import { unionOf } from './source';

export interface Fill {
  readonly destination: Destination;
  /** In the order in which they are asked. */
  readonly sources: readonly CopySource[];
  readonly mode: 'copy' | 'dry-run';
  readonly machine: Machine;
}

export interface FillRound extends Filled {
  /** Whether other sources could give more. */
  readonly wants: 'more sources' | 'nothing';
}

type Say = (stored: StoredManifest, fate: CopyLine['fate'], why: string, store?: string) => void;

/** Fills one destination from what the sources vouch for; a source that turns out damaged is named, and the next asked. */
export async function fill(round: Fill): Promise<FillRound> {
  const { destination, sources, mode, machine } = round;
  const lines: CopyLine[] = [];
  const states: FillState[] = [];
  let wants: FillRound['wants'] = 'nothing';
  const say: Say = (stored, fate, why, store = destination.place.store.id) =>
    lines.push({ store, backup: nameOf(stored), fate, why });
  const { todo, broken } = planCopy({
    verified: unionOf(sources),
    published: destination.published,
    isThere: (one) => destination.stateOf(one) === 'there',
    now: machine.now(),
  });
  const missed = new Map<string, string>();
  for (const stored of todo) {
    const before = stored.manifest.parent && missed.get(stored.manifest.parent.sha256);
    const state = destination.stateOf(stored);
    const ended = before
      ? leave(stored, `it follows ${before}, which is not there`, say)
      : (refusal(stored, state, say) ??
        (mode === 'dry-run' ? promise(stored, round, say) : await bring(stored, state, round, say)));
    states.push(ended.state);
    if (ended.side === 'source') wants = 'more sources';
    if (ended.state === 'filled') destination.arrived(stored);
    else missed.set(stored.sha256, nameOf(stored));
  }
  for (const stored of broken) {
    states.push(leave(stored, 'what it follows is verified in no place that was read', say).state);
    wants = 'more sources';
  }
  return { state: worstOf(states), lines, wants };
}

interface Ended {
  readonly state: FillState;
  /** Whose fault it is. */
  readonly side?: 'source' | 'destination';
}

function leave(stored: StoredManifest, why: string, say: Say): Ended {
  say(stored, 'left out', why);
  return { state: 'gaps' };
}

/** A copy never thaws: that costs, and is asked for by who restores. */
function leaveArchived(stored: StoredManifest, sources: readonly CopySource[], say: Say): Ended {
  const where = sources.map(({ place }) => place.store.id).join(', ');
  return {
    ...leave(stored, `it lies in an archive in ${where}: once it was thawed there, it can be copied`, say),
    side: 'source',
  };
}

/** What can't be copied, whatever the sources hold. */
function refusal(stored: StoredManifest, state: DestinationState, say: Say): Ended | undefined {
  if (state === 'taken') {
    say(stored, 'damaged', 'another manifest lies there under its name: two runs published one slot, or it is forged');
    return { state: 'gaps' };
  }
  if (state !== 'gone') return undefined;
  return leave(
    stored,
    'it was verified there and is not listed any more: what was deleted there is not copied again',
    say,
  );
}

function promise(stored: StoredManifest, { sources }: Fill, say: Say): Ended {
  const cold = sources.filter((one) => one.archived.has(stored.sha256));
  const from = sources.find((one) => one.held.has(stored.sha256) && !cold.includes(one));
  if (!from && cold.length > 0) return leaveArchived(stored, cold, say);
  say(stored, 'would copy', `from ${from?.place.store.id ?? 'nowhere'}`);
  return { state: 'filled' };
}

/** Copies one backup from the first source that can give all of it. */
async function bring(
  stored: StoredManifest,
  state: DestinationState,
  { destination, sources, machine }: Fill,
  say: Say,
): Promise<Ended> {
  const proven = new Map<string, string>();
  const cold: CopySource[] = [];
  let failed: (Ended & { readonly why: string }) | undefined;
  const none: Ended & { readonly why: string } = { state: 'gaps', side: 'source', why: 'no source holds it' };
  for (const source of sources) {
    const backup = source.held.get(stored.sha256);
    if (!backup) continue;
    if (source.archived.has(stored.sha256)) {
      cold.push(source);
      continue;
    }
    const answer = await copyBackup({ backup, source, destination, proven, machine });
    if (answer.kind !== 'failed') {
      const ended = settled(stored, answer, state, source, say);
      const message = `${nameOf(stored)} is in ${destination.place.store.url}`;
      if (ended.state === 'filled')
        machine.log({ level: 'info', event: 'copy_stored', message, slot: stored.manifest.slot });
      return ended;
    }
    const { side, error } = answer;
    if (side === 'source' && error.kind === 'archived') {
      cold.push(source);
      continue;
    }
    failed = { state: failureOf(error), side, why: error.message };
    if (side === 'destination') break;
    const spoilt = error.kind === 'damaged' || error.kind === 'missing';
    if (spoilt)
      say(stored, 'damaged', `what was verified there is not what it was: ${error.message}`, source.place.store.id);
    machine.log({
      level: spoilt ? 'error' : 'warning',
      event: spoilt ? 'copy_source_damaged' : 'copy_source_failed',
      message: `${source.place.store.url}: ${error.message}; the next source is asked`,
      slot: stored.manifest.slot,
    });
  }
  if (!failed && cold.length > 0) return leaveArchived(stored, cold, say);
  const ended = failed ?? none;
  say(stored, 'failed', ended.why);
  return ended;
}

function settled(
  stored: StoredManifest,
  answer: Exclude<BackupCopied, { readonly kind: 'failed' }>,
  state: DestinationState,
  source: CopySource,
  say: Say,
): Ended {
  if (answer.kind === 'taken') return refusal(stored, 'taken', say) ?? { state: 'gaps' };
  if (answer.kind === 'unclear') {
    return leave(stored, 'published there for a day and not verified, and a copier may not read why: see verify', say);
  }
  if (state === 'unclear' && answer.sent === 0) {
    return leave(stored, 'it is whole there, and for a day no verifier has vouched for it: run verify there', say);
  }
  const found = answer.found > 0 ? `; ${answer.found} of ${answer.found + answer.sent} objects lay there` : '';
  const open = answer.unlocked ? '; not locked, which was asked: it can be deleted there' : '';
  say(stored, 'copied', `from ${source.place.store.id}${found}${open}`);
  return { state: 'filled' };
}

function nameOf({ manifest: { slot, type } }: StoredManifest): string {
  return `${slot}-${type}`;
}
