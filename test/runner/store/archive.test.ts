import { clouds } from '../../../lib/clouds';
import { isArchived, unlessArchived } from '../../../lib/runner/store/archive';
import type { Archive, Thawing } from '../../../lib/runner/store/archive';
import { azureArchive, azureThawing } from '../../../lib/runner/store/azure-archive';
import type { AzureContainer } from '../../../lib/runner/store/azure-container';
import { archiveInHead, archiveInList, s3Thawing } from '../../../lib/runner/store/s3-archive';
import type { S3Bucket } from '../../../lib/runner/store/s3-bucket';
import { StoreError } from '../../../lib/runner/store/store';

/** What stores say of objects in their archives, read without a server. */

const $metadata = {};
const UNTIL = new Date('2026-12-21T00:00:00Z');
const EXPIRY = 'expiry-date="Mon, 21 Dec 2026 00:00:00 GMT"';

describe('S3', () => {
  test('a list says the class, and what was thawed where it is asked for that', () => {
    expect(archiveInList('STANDARD_IA', undefined)).toEqual({});
    expect(archiveInList('GLACIER_IR', undefined)).toEqual({});
    expect(archiveInList(undefined, undefined)).toEqual({});
    expect(archiveInList('GLACIER', undefined)).toEqual({ archive: { tier: 'GLACIER', state: 'archived' } });
    expect(archiveInList('DEEP_ARCHIVE', { IsRestoreInProgress: true })).toEqual({
      archive: { tier: 'DEEP_ARCHIVE', state: 'thawing' },
    });
    expect(archiveInList('GLACIER', { IsRestoreInProgress: false, RestoreExpiryDate: UNTIL })).toEqual({
      archive: { tier: 'GLACIER', state: 'thawed' },
    });
  });

  test('a look says the same', () => {
    const seen = (Restore?: string) => archiveInHead({ $metadata, StorageClass: 'GLACIER', Restore }).archive;
    expect(archiveInHead({ $metadata })).toEqual({});
    expect(seen()).toEqual({ tier: 'GLACIER', state: 'archived' });
    expect(seen('ongoing-request="true"')).toEqual({ tier: 'GLACIER', state: 'thawing' });
    expect(seen(`ongoing-request="false", ${EXPIRY}`)).toEqual({ tier: 'GLACIER', state: 'thawed' });
  });

  test('Intelligent-Tiering: a list does not tell, a look does, and what came back is like others', () => {
    const tiering = { $metadata, StorageClass: 'INTELLIGENT_TIERING' } as const;
    expect(archiveInList('INTELLIGENT_TIERING', undefined).archive?.state).toBe('unknown');
    expect(archiveInHead(tiering)).toEqual({});
    expect(archiveInHead({ ...tiering, ArchiveStatus: 'ARCHIVE_ACCESS' })).toEqual({
      archive: { tier: 'ARCHIVE_ACCESS', state: 'archived' },
    });
    expect(
      archiveInHead({ ...tiering, ArchiveStatus: 'DEEP_ARCHIVE_ACCESS', Restore: 'ongoing-request="true"' }),
    ).toEqual({ archive: { tier: 'DEEP_ARCHIVE_ACCESS', state: 'thawing' } });
    expect(archiveInHead({ ...tiering, Restore: 'ongoing-request="false"' })).toEqual({});
  });
});

test('Azure: the tier, and whether it is being left', () => {
  expect(azureArchive('Cold', undefined)).toEqual({});
  expect(azureArchive('Archive', undefined)).toEqual({ archive: { tier: 'Archive', state: 'archived' } });
  expect(azureArchive('Archive', 'rehydrate-pending-to-hot')).toEqual({
    archive: { tier: 'Archive', state: 'thawing' },
  });
});

test('a thawed object can be read, and one of which nothing is known is tried', () => {
  const archived = (state?: Archive['state']) => isArchived({ ...(state && { archive: { tier: 'T', state } }) });
  expect([archived(), archived('unknown'), archived('thawed')]).toEqual([false, false, false]);
  expect([archived('archived'), archived('thawing')]).toEqual([true, true]);
});

test('only what the store says to be archived is taken for it', async () => {
  const of = (error: Error) => unlessArchived(Promise.reject(error));
  expect(await unlessArchived(Promise.resolve('bytes'))).toBe('bytes');
  expect(await of(new StoreError('archived', 'in GLACIER'))).toBeUndefined();
  await expect(of(new StoreError('denied', 'no right'))).rejects.toThrow('no right');
  await expect(of(Object.assign(new Error('a bug'), { kind: 'archived' }))).rejects.toThrow('a bug');
});

/** The plan's findings and the runner's words are about the same waits. */
test.each([
  ['aws', 'GLACIER', s3Thawing({} as S3Bucket), { standard: 'standard', expedited: 'expedited', bulk: 'bulk' }],
  ['aws', 'DEEP_ARCHIVE', s3Thawing({} as S3Bucket), { standard: 'standard', bulk: 'bulk' }],
  ['azure', 'Archive', azureThawing({} as AzureContainer), { standard: 'standard', high: 'expedited' }],
] as const)('waits of %s %s are those of the clouds’ data', (cloud, tier, thawing: Thawing, names) => {
  const { retrievalHours } = clouds[cloud].storageClasses.find(({ name }) => name === tier) ?? { retrievalHours: {} };
  const waits = thawing.waits({ tier, state: 'archived' });
  const hours = Object.fromEntries(
    Object.entries(names).map(([name, own]) => {
      const { from = -1, to = -1 } = waits[own] ?? {};
      return [name, { from: from / 3600, to: to / 3600 }];
    }),
  );
  expect(hours).toEqual(retrievalHours);
});

test('Deep Archive has no expedited retrieval, in no class', () => {
  for (const tier of ['DEEP_ARCHIVE', 'DEEP_ARCHIVE_ACCESS'])
    expect(s3Thawing({} as S3Bucket).waits({ tier, state: 'archived' }).expedited).toBeUndefined();
  expect(s3Thawing({} as S3Bucket).waits({ tier: 'ARCHIVE_ACCESS', state: 'archived' }).expedited).toBeDefined();
});
