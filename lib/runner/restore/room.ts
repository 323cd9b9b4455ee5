import { stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../engine/engine';
import { bytesText } from '../progress/amounts';

/** Bytes that will be written into a folder, which may have to be made. */
export interface Demand {
  readonly what: string;
  readonly folder: string;
  readonly needed: number;
}

/**
 * Whether there is room for all of it, before a byte is read. What lies on one file system is added up.
 * @throws EngineError that names what is needed and what is free
 */
export async function checkRoom(demands: readonly Demand[]): Promise<void> {
  const disks = new Map<number, { readonly demands: Demand[]; readonly free: number }>();
  for (const demand of demands) {
    const folder = await nearest(demand.folder);
    const { dev } = await stat(folder);
    const known = disks.get(dev);
    if (known) known.demands.push(demand);
    else {
      const { bavail, bsize } = await statfs(folder);
      disks.set(dev, { demands: [demand], free: bavail * bsize });
    }
  }
  for (const { demands: own, free } of disks.values()) {
    const needed = own.reduce((sum, one) => sum + one.needed, 0);
    if (needed <= free) continue;
    const parts = own.map((one) => `${bytesText(one.needed)} for ${one.what} in ${one.folder}`).join(' and ');
    throw new EngineError('config', `${parts} are needed, and ${bytesText(free)} are free there`, FIX);
  }
}

const FIX = 'make room, or name another folder for scratch by --scratch';

async function nearest(folder: string): Promise<string> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (await stat(at).catch(() => undefined)) return at;
    if (path.dirname(at) === at) return at;
  }
}
