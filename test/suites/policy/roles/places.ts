import { physicalName } from '../../../../lib/aws/bucket-name';
import type { AwsTaskStore } from '../../../../lib/contract/aws-task-store';
import type { Ask } from '../rights';
import { bucketGuards, create, list, lock, overwrite, plain } from './asks';
import type { Rows } from './asks';
import { ELSEWHERE, keyUse, storeKey } from './keys';
import type { Role } from './roles';

/** What an identity does in a store, as the protocol names it. */
export type Work = 'writer' | 'copier' | 'verifier' | 'pruner' | 'restorer' | 'thawer' | 'reader';

export interface Place {
  readonly store: Omit<AwsTaskStore, 'longestLockDays'> & { readonly longestLockDays?: number };
  /** Beginnings of the ledgers of its data sets. */
  readonly ledgers: readonly string[];
}

/** What an identity may do in the store of its task, and what it may not do there: the rows of `protocol.md`. */
export function placeRows(role: Role, work: Work, place: Place): Rows {
  const { store, ledgers } = place;
  const { account } = role.stack;
  const bucket = `arn:aws:s3:::${physicalName({ name: store.bucket, naming: store.naming, account, region: store.region })}`;
  const each = store.prefixes.map((prefix) => rowsBelow(work, { bucket, prefix, ledgers, place }));
  const keys = keyRows(role, work, bucket, store);
  return {
    allowed: [...each.flatMap(({ allowed }) => allowed), plain('s3:GetBucketLocation', bucket), ...keys.allowed],
    forbidden: [...each.flatMap(({ forbidden }) => forbidden), ...keys.forbidden],
  };
}

interface Below {
  readonly bucket: string;
  readonly prefix: string;
  readonly ledgers: readonly string[];
  readonly place: Place;
}

function rowsBelow(work: Work, { bucket, prefix, ledgers, place }: Below): Rows {
  const { longestLockDays = 0, prefixes } = place.store;
  const object = `${bucket}/${prefix}2026/11/22/20261122T021500Z-full-0011223344556677/main.0001`;
  const manifest = `${bucket}/${prefix}2026/11/22/20261122T021500Z-full.manifest.json`;
  const [own = ''] = ledgers;
  const ledger = `${bucket}/${own}2026/11/22/20261122T021500Z-full.manifest.json`;
  const record = `${bucket}/${own.replace('_verified/', '_records/')}20261122T021500Z-test-restore-00.json`;
  const recovery = `${bucket}/_recovery/0011/recipe.md`;
  // Whose data begins anywhere has no neighbour in its bucket but what lies below `_`.
  const alone = prefixes.includes('');
  const neighbour = `${bucket}/~neighbour/2026/11/22/20261122T021500Z-full-0011/main.0001`;
  const neighbours = `${bucket}/~neighbour/2026/11/22/20261122T021500Z-full.manifest.json`;
  const theirs = `${bucket}/_verified/~neighbour/a.manifest.json`;
  const versions = (below: string) => [list(bucket, below), list(bucket, below, 's3:ListBucketVersions')];
  const reading = [plain('s3:GetObject', object), plain('s3:GetObjectVersion', object)];
  const index = [
    plain('s3:GetObject', manifest),
    plain('s3:GetObjectVersion', manifest),
    plain('s3:GetObject', ledger),
    plain('s3:GetObjectVersion', ledger),
    ...versions(prefix),
    ...versions(own),
  ];
  const locking =
    longestLockDays > 0 ? [lock(object, 1), lock(object, longestLockDays), lock(manifest, longestLockDays)] : [];
  const writing = [
    create(object),
    create(manifest),
    plain('s3:AbortMultipartUpload', object),
    plain('s3:ListMultipartUploadParts', object),
  ];
  /** By what is asked for: whoever may do it, and nobody else. */
  const rows: readonly (readonly [readonly Work[], readonly Ask[]])[] = [
    [
      ['writer', 'copier'],
      [...writing, ...locking],
    ],
    [['copier', 'verifier', 'restorer', 'reader'], reading],
    [['writer', 'copier', 'verifier', 'restorer', 'pruner', 'thawer', 'reader'], index.slice(0, 2)],
    [['copier', 'verifier', 'restorer', 'pruner', 'thawer', 'reader'], index],
    [['writer', 'copier', 'verifier', 'restorer', 'pruner', 'thawer', 'reader'], [list(bucket, prefix)]],
    [
      ['verifier', 'restorer'],
      [plain('s3:GetObject', record), ...versions(record.slice(bucket.length + 1))],
    ],
    [['verifier'], [create(ledger), create(recovery), list(bucket, '_recovery/')]],
    [['restorer'], [create(record)]],
    [['pruner'], [plain('s3:DeleteObjectVersion', object), plain('s3:DeleteObjectVersion', manifest)]],
    [['verifier', 'restorer', 'pruner'], [plain('s3:GetObjectRetention', object)]],
    [['thawer'], [plain('s3:RestoreObject', object)]],
  ];
  const text = (ask: Ask) => JSON.stringify(ask);
  const allowed = [
    ...new Map(rows.flatMap(([who, asks]) => (who.includes(work) ? asks.map((ask) => [text(ask), ask] as const) : []))),
  ];
  const known = new Set(allowed.map(([key]) => key));
  const reads = ['copier', 'verifier', 'restorer', 'reader'].includes(work);
  const others = rows
    .flatMap(([, asks]) => asks)
    .filter((ask) => !known.has(text(ask)) && !(alone && seesAll(ask, reads, allowed)));
  // The ledgers of all data sets: a role that many tasks share has them where their names have nothing in common.
  const wide = own === '_verified/';
  const forbidden = [
    ...others,
    ...[object, manifest, ledger, record, recovery].map(overwrite),
    ...bucketGuards(bucket, object).filter((ask) => !known.has(text(ask))),
    lock(object, 0),
    lock('arn:aws:s3:::somebody-else/x', 1),
    // Without a prefix a list is of everything.
    plain('s3:ListBucket', bucket),
    plain('s3:ListBucketVersions', bucket),
    ...[prefix, own].flatMap((below) =>
      ['s3:ListBucket', 's3:ListBucketVersions'].map((action) => list('arn:aws:s3:::somebody-else', below, action)),
    ),
    lock(object, longestLockDays + 2),
    ...[ledger, record, recovery].flatMap((one) => [
      plain('s3:DeleteObjectVersion', one),
      plain('s3:DeleteObject', one),
      lock(one, 1),
      plain('s3:RestoreObject', one),
    ]),
    ...(alone && reads ? [] : [plain('s3:GetObject', recovery)]),
    ...(wide ? [] : [create(theirs), create(`${bucket}/_records/~neighbour/a.json`)]),
    plain('s3:DeleteObjectVersion', theirs),
    ...(alone
      ? []
      : [
          list(bucket, ''),
          list(bucket, '', 's3:ListBucketVersions'),
          list(bucket, '~neighbour/'),
          list(bucket, '~neighbour/', 's3:ListBucketVersions'),
          ...[neighbour, neighbours].flatMap((one) => [
            create(one),
            ...[
              'GetObject',
              'GetObjectVersion',
              'GetObjectRetention',
              'GetObjectAttributes',
              'GetObjectVersionAttributes',
              'DeleteObjectVersion',
              'AbortMultipartUpload',
              'ListMultipartUploadParts',
              'RestoreObject',
            ].map((action) => plain(`s3:${action}`, one)),
            lock(one, 1),
          ]),
          ...(wide
            ? []
            : [
                plain('s3:GetObject', theirs),
                plain('s3:GetObjectVersion', theirs),
                list(bucket, '_verified/~neighbour/'),
                list(bucket, '_verified/~neighbour/', 's3:ListBucketVersions'),
              ]),
        ]),
  ];
  return { allowed: allowed.map(([, ask]) => ask), forbidden };
}

/** What follows where data begins anywhere in a bucket: names are seen, and whoever reads data reads what lies beside it. */
function seesAll({ action }: Ask, reads: boolean, allowed: readonly (readonly [string, Ask])[]): boolean {
  const lists = action.startsWith('s3:ListBucket') && allowed.some(([, ask]) => ask.action === action);
  return lists || (reads && /^s3:GetObject(Version)?$/.test(action));
}

/** The key of a bucket, used by S3 for this bucket alone. */
function keyRows(role: Role, work: Work, bucket: string, store: Place['store']): Rows {
  const encrypts = !['pruner', 'thawer', 'reader'].includes(work);
  const use = keyUse(role, storeKey(role, store), bucket);
  const byAlias = storeKey(role, store).includes(':alias/');
  return {
    allowed: [use('Decrypt'), ...(encrypts ? [use('GenerateDataKey')] : [])],
    forbidden: [
      ...(encrypts ? [] : [use('GenerateDataKey')]),
      ...['ScheduleKeyDeletion', 'DisableKey', 'PutKeyPolicy', 'Encrypt', 'ReEncryptFrom', 'Sign'].map((one) =>
        use(one),
      ),
      ...['Decrypt', 'GenerateDataKey'].flatMap((one) => [
        use(one, { 'kms:ViaService': `dynamodb.${store.region}.amazonaws.com` }),
        use(one, { 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::somebody-else' }),
        use(one, {}, ELSEWHERE),
        ...(byAlias ? [use(one, { 'kms:ResourceAliases': ['alias/of-another'] })] : []),
      ]),
    ],
  };
}
