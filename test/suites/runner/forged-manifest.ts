import { createHash } from 'node:crypto';
import type { BackupManifest, BackupType } from '../../../lib/contract';
import { dataFolder } from '../../../lib/runner/object-key';
import { slotOf } from '../../../lib/runner/slot';
import type { Random } from '../long/year/random';

/** Something that is called a manifest, and the data that lie where it says. */
export interface Forgery {
  readonly key: string;
  readonly body: Buffer;
  readonly data: readonly { readonly key: string; readonly body: Buffer }[];
}

/** What somebody knows who may read manifests and list. */
export interface Known {
  /** Manifests of real backups, as they were stored. */
  readonly real: readonly { readonly key: string; readonly bytes: Buffer }[];
  readonly prefix: string;
  readonly now: Date;
}

const DAY = 86_400_000;
const TYPES: readonly BackupType[] = ['full', 'incremental', 'differential', 'log'];
const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const hex = (random: Random, digits: number) =>
  Array.from({ length: digits }, () => random.whole(0, 16).toString(16)).join('');

/** Every lie by itself; a forgery tells several of them. */
const LIES: readonly ((manifest: BackupManifest, random: Random, known: Known) => Partial<BackupManifest>)[] = [
  (_, random) => ({ parent: { slot: '20900101T000000Z', type: 'full', sha256: hex(random, 64) } }),
  (_, random, { real }) => {
    const { bytes } = random.one(real);
    const { slot, type } = JSON.parse(bytes.toString()) as BackupManifest;
    return { parent: { slot, type, sha256: hash(bytes) } };
  },
  // Into itself, as far as anybody can: its own name, and the hash of what it was before.
  (manifest) => ({
    parent: { slot: manifest.slot, type: manifest.type, sha256: hash(Buffer.from(JSON.stringify(manifest))) },
  }),
  (manifest) => ({ parent: null, type: manifest.type === 'full' ? 'incremental' : 'full' }),
  () => ({ expiresAt: '9999-12-31T23:59:59.999Z', lockedUntil: '9999-12-31T23:59:59.999Z' }),
  () => ({ expiresAt: '2000-01-01T00:00:00.000Z' }),
  (manifest) => ({ source: { ...manifest.source, identity: { 'device./': 'another' } } }),
  (_, random, { now }) => ({ pointInTime: new Date(now.getTime() + random.whole(-90, 900) * DAY).toISOString() }),
  (_, random, { now }) => ({ startedAt: new Date(now.getTime() + random.whole(-90, 900) * DAY).toISOString() }),
  () => ({ contents: [{ name: '/', entries: 1e12, bytes: 1e15, exact: true }] }),
  () => ({ engine: 'postgresql' }),
  () => ({ task: 'other' }),
  () => ({ degraded: Array.from({ length: 50 }, (_, n) => ({ name: `file${n}\u001b[2J\n`, why: 'x' })) }),
  () => ({ version: 2 as never }),
];

/** A manifest that was forged from a real one, with the data that it names, some of it, other data or none. */
export function forge(random: Random, known: Known): Forgery {
  const base = JSON.parse(random.one(known.real).bytes.toString()) as BackupManifest;
  const type = random.chance(0.7) ? base.type : random.one(TYPES);
  const slot = slotIn(random, known, base);
  const body = Buffer.from(`rubbish ${hex(random, random.whole(1, 400))}`);
  const folder = dataFolder(`${known.prefix}${slot}-${type}.manifest.json`, '').slice(0, -1);
  const attempt = random.chance(0.2) ? base.attempt : hex(random, 16);
  const name = random.chance(0.1) ? `../${hex(random, 8)}/files.0001` : 'files.0001';
  const segment = { name, bytes: body.length, sha256: hash(random.chance(0.3) ? Buffer.from('else') : body) };
  const whole = { bytes: body.length, sha256: segment.sha256 };
  const draft: BackupManifest = {
    ...base,
    ...{ type, slot, attempt },
    streams: random.chance(0.2)
      ? base.streams
      : base.streams.map((stream) => ({
          ...{ ...stream, ...whole, compression: 'none' as const },
          encodings: [{ ...whole, encryption: 'store', stores: ['s'], segments: [{ ...segment, receipts: [] }] }],
        })),
  };
  const lies = Array.from({ length: random.whole(0, 4) }, () => random.one(LIES));
  const told = lies.reduce((one, lie) => ({ ...one, ...lie(one, random, known) }), draft);
  const at = random.chance(0.1) ? 'nested/' : '';
  const data = random.chance(0.7) ? [{ key: `${folder}-${attempt}/${name}`, body }] : [];
  return {
    key: `${known.prefix}${at}${slot}-${type}.manifest.json`,
    body: Buffer.from(JSON.stringify(told)),
    data,
  };
}

/** The base's own, another one of the past, one of the schedule to come, or none that a calendar knows. */
function slotIn(random: Random, { now }: Known, base: BackupManifest): string {
  const days = random.one([() => random.whole(-60, 0), () => random.whole(1, 12), () => random.whole(12, 3000)])();
  const minute = random.chance(0.5) ? 0 : random.whole(-700, 700);
  return random.one([
    () => base.slot,
    () => slotOf(new Date(now.getTime() + days * DAY + minute * 60_000)),
    () => slotOf(new Date(now.getTime() + days * DAY + minute * 60_000)),
    () => '20900199T999999Z',
  ])();
}
