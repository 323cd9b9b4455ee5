import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import type { Random } from '../long/year/random';
import { forge } from './forged-manifest';
import type { Known } from './forged-manifest';

export interface Target extends Known {
  readonly bucket: string;
  /** Everything that lies there, the protocol's own names too. */
  readonly keys: readonly string[];
}

/** What was tried, and whether the server let it. */
export interface Attempted {
  readonly kind: string;
  readonly key: string;
  readonly done: boolean;
}

const DAY = 86_400_000;
/** What no writer has a right to, whatever the key. */
export const REFUSED = ['deleted', 'a version deleted', 'retagged', 'read'] as const;

/** One random thing that somebody tries who holds a writer's rights; most are refused, some are not. */
export async function attack(thief: S3Client, random: Random, target: Target): Promise<readonly Attempted[]> {
  const { bucket: Bucket, prefix } = target;
  const tried: Attempted[] = [];
  const attempt = async (kind: string, key: string, send: () => Promise<unknown>) => {
    const done = await send().then(
      () => true,
      () => false,
    );
    tried.push({ kind, key, done });
  };
  const put = (kind: string, Key: string, Body: Buffer | string, more: Partial<PutObjectCommandInput> = {}) =>
    attempt(kind, Key, () => thief.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from(Body), ...more })));
  const data = () => random.one(target.keys.filter((key) => key.startsWith(prefix)));
  const manifest = () => random.one(target.real);
  const any = () => random.one([data, () => random.one(target.keys), () => manifest().key])();
  const body = () => random.one([() => '', () => '{}', () => `encrypted by a stranger ${random.next()}`, spoilt])();
  const spoilt = () => {
    const bytes = Buffer.from(manifest().bytes);
    if (random.chance(0.5)) return bytes.subarray(0, random.whole(0, bytes.length));
    const [one, other] = [random.whole(0, bytes.length), random.whole(0, bytes.length)];
    [bytes[one], bytes[other]] = [bytes[other] as number, bytes[one] as number];
    return bytes;
  };
  const until = () => new Date(target.now.getTime() + random.whole(1, 36_000) * DAY);
  const forgery = async () => {
    const forged = forge(random, target);
    for (const one of forged.data) await put('forged data', one.key, one.body);
    await put('forged manifest', forged.key, forged.body);
  };
  const kinds: readonly (() => Promise<void>)[] = [
    ...[forgery, forgery, forgery],
    () => put('overwritten', any(), body()),
    () => put('manifest overwritten', manifest().key, random.chance(0.5) ? body() : forge(random, target).body),
    () => put('spoilt manifest of days to come', forge(random, target).key, body()),
    () => put('stray', `${data()}${random.one(['x', '/', '/x.0001', '\u0001'])}`, body()),
    () => put('ledger', `_verified/docs/${manifest().key}`, manifest().bytes),
    () => put('record', `_records/docs/20900101T000000Z-test-restore-${random.whole(1000, 9999)}.json`, '{}'),
    () => put('recovery', `_recovery/${'0'.repeat(64)}/recipe.txt`, 'send money'),
    () => put('another data set', `${random.one(['other/', 'docs', ''])}${random.whole(0, 9)}`, body()),
    () =>
      put('locked for ages', random.chance(0.5) ? any() : forge(random, target).key, body(), {
        ObjectLockMode: random.one(['GOVERNANCE', 'COMPLIANCE'] as const),
        ObjectLockRetainUntilDate: until(),
      }),
    () => put('uploaded with tags', any(), body(), { Tagging: 'expire=now' }),
    () => {
      const Key = any();
      return attempt('deleted', Key, () => thief.send(new DeleteObjectCommand({ Bucket, Key })));
    },
    () => {
      const Key = any();
      const VersionId = 'null';
      return attempt('a version deleted', Key, () => thief.send(new DeleteObjectCommand({ Bucket, Key, VersionId })));
    },
    () => {
      const Key = any();
      const Tagging = { TagSet: [{ Key: 'expire', Value: 'now' }] };
      return attempt('retagged', Key, () => thief.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging })));
    },
    () => {
      const Key = data();
      const Retention = { Mode: random.one(['GOVERNANCE', 'COMPLIANCE'] as const), RetainUntilDate: until() };
      return attempt('retained', Key, () => thief.send(new PutObjectRetentionCommand({ Bucket, Key, Retention })));
    },
    () => {
      const Key = random.one(target.keys.filter((key) => !key.endsWith('.manifest.json') || key.startsWith('_')));
      return attempt('read', Key, () => thief.send(new GetObjectCommand({ Bucket, Key })));
    },
    async () => {
      const Key = random.chance(0.5) ? any() : forge(random, target).key;
      await attempt('upload left open', Key, async () => {
        const { UploadId } = await thief.send(new CreateMultipartUploadCommand({ Bucket, Key }));
        await thief.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'a part' }));
      });
    },
  ];
  await random.one(kinds)();
  return tried;
}
