import { need } from '../../../../plan/support';
import { bucketGuards, list, overwrite, plain, secretOf } from '../asks';
import type { Rows } from '../asks';
import { ELSEWHERE } from '../keys';
import { placeRows } from '../places';
import type { Role } from '../roles';
import type { RoleKind } from './kind';
import { siteOf, stateRows, things } from './sites';
import { guardsOfKey } from './starting';
import { neighbours, shardOf } from './tasks';

/** What the policy of a host gives: a writer's rights. What it sees besides, and what it refuses, is in `host-rights.test.ts`. */
function hostRows(role: Role): Rows {
  const [, name = ''] = /host of (.*) needs/.exec(role.description) ?? [];
  const task = need(
    shardOf(role).tasks.find((one) => one.task === name),
    `task ${name}`,
  );
  const places = task.stores.map((store) => placeRows(role, 'writer', { store, ledgers: [`_verified/${name}/`] }));
  const allowed = places.flatMap((one) => one.allowed);
  // One whose folder is bounded sees in ledger and versions what may go; it writes there no more than another.
  const seen = /^s3:(ListBucket|ListBucketVersions|GetObject|GetObjectVersion)$/;
  return {
    allowed: [...allowed, ...(task.secret === undefined ? [] : [secretOf(role, task.secret)])],
    forbidden: [
      ...places
        .flatMap((one) => one.forbidden)
        .filter(({ action, resource }) => !(task.host?.bounded && seen.test(action) && !resource.includes('~'))),
      ...neighbours(role, 'writer', task),
    ],
  };
}

/** What the primary is given by its site: it sees its lease and, where there is one, keeps its archive. */
function primaryRows(role: Role): Rows {
  const { archive } = siteOf(role).synchronization;
  const state = stateRows(role, 'read');
  if (!archive) return state;
  const name = need(
    things(role, 'AWS::S3::Bucket').find((one) => one.startsWith(archive.name)),
    'archive',
  );
  const bucket = `arn:aws:s3:::${name}`;
  const segment = `${bucket}/${archive.path}/archive/x/16-1/0000000100000000/a`;
  const [key = ''] = things(role, 'AWS::KMS::Key', 'Arn');
  const via = (service: string) => ({ 'kms:ViaService': `${service}.${role.stack.region}.amazonaws.com` });
  // pgBackRest expires what it keeps, by its own rules; versions stay for a week.
  const expires = plain('s3:DeleteObject', segment);
  return {
    allowed: [
      ...state.allowed,
      overwrite(segment),
      plain('s3:GetObject', segment),
      plain('s3:AbortMultipartUpload', segment),
      expires,
      list(bucket, `${archive.path}/archive/`),
      ...['Decrypt', 'GenerateDataKey'].map((one) => plain(`kms:${one}`, key, via('s3'))),
    ],
    forbidden: [
      ...state.forbidden,
      ...bucketGuards(bucket, segment).filter(({ action }) => action !== expires.action),
      ...['GetObject', 'DeleteObject'].map((one) => plain(`s3:${one}`, `${bucket}/of-another/a`)),
      overwrite(`${bucket}/of-another/a`),
      list(bucket, ''),
      list(bucket, archive.path, 's3:ListBucketVersions'),
      list('arn:aws:s3:::somebody-else', archive.path),
      ...['Decrypt', 'GenerateDataKey'].flatMap((one) => [
        plain(`kms:${one}`, key),
        plain(`kms:${one}`, key, via('ebs')),
        plain(`kms:${one}`, ELSEWHERE, via('s3')),
      ]),
      ...guardsOfKey(key),
      ...['Encrypt', 'ReEncryptFrom'].map((one) => plain(`kms:${one}`, key, via('s3'))),
    ],
  };
}

/** Policies that whoever runs a host or a primary attaches to a role of theirs: nobody takes these by us. */
export const HELD_KINDS: readonly Omit<RoleKind, 'trust'>[] = [
  {
    name: 'what a host is given',
    matches: ({ description }) => /^What the host of /.test(description),
    rows: hostRows,
  },
  {
    name: 'what a primary is given',
    matches: ({ description }) => /^What the primary may do /.test(description),
    rows: primaryRows,
  },
];
