import { EngineError } from '../engine/engine';
import type { PlacedSet } from './sqlserver-sets';

const QUARTER = 15 * 60_000;

/** A time without zone, as the server writes it, in milliseconds as if it were UTC. */
export function localTime(text: string | undefined, what: string): number {
  const [, date, time] = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)/.exec(text ?? '') ?? [];
  const value = Date.parse(`${date}T${time}Z`);
  if (Number.isNaN(value)) throw new EngineError('source', `${what}: its header has no time but "${text ?? ''}"`);
  return value;
}

/**
 * How far the source's clock was ahead of UTC when a set was written, in milliseconds: logs hold the local times of the
 * server that wrote them, wherever they are restored, and headers name no zone. Zones are whole quarters of an hour.
 */
export function offsetOf({ started, at }: PlacedSet): number | undefined {
  return at && Math.round((started - at.getTime()) / QUARTER) * QUARTER;
}

/**
 * The offset at a moment between two sets.
 * @throws EngineError where nobody knows it, or the clock was changed between them: then an hour may be there twice
 */
export function offsetAt(chain: readonly PlacedSet[], until: Date): number {
  const known = chain.flatMap((set) => {
    const offset = offsetOf(set);
    return offset === undefined || !set.at ? [] : [{ at: set.at, offset }];
  });
  const before = known.filter(({ at }) => at <= until).at(-1);
  const after = known.find(({ at }) => at > until);
  const [some] = [before ?? after];
  if (!some)
    throw new EngineError('config', "the source's zone is not known", 'restore a whole backup, without a moment');
  if (before && after && before.offset !== after.offset)
    throw new EngineError(
      'config',
      `the source's clock was changed between ${before.at.toISOString()} (${zoneText(before.offset)}) and ${after.at.toISOString()} (${zoneText(after.offset)}), and SQL Server stops at local times: ${until.toISOString()} is not certain`,
      'restore the backup before or after it, which --from names by its slot',
    );
  return some.offset;
}

/** `2026-11-24T15:05:00.000`, as STOPAT takes it in every language of the server. */
export function stopText(until: Date, offset: number): string {
  return new Date(until.getTime() + offset).toISOString().slice(0, -1);
}

/** `UTC+01:00` */
export function zoneText(offset: number): string {
  const minutes = Math.abs(offset) / 60_000;
  const two = (value: number) => String(value).padStart(2, '0');
  return `UTC${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
