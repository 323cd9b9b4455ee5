import { RestoreObjectCommand } from '@aws-sdk/client-s3';
import type { HeadObjectCommandOutput, RestoreStatus } from '@aws-sdk/client-s3';
import type { Archive, RetrievalTier, ThawWait, Thawing } from './archive';
import type { S3Bucket } from './s3-bucket';
import { s3Code } from './s3-error';

const HOUR = 3600;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html */
const FLEXIBLE: Readonly<Record<RetrievalTier, ThawWait>> = {
  expedited: { from: 60, to: 300 },
  standard: { from: 3 * HOUR, to: 5 * HOUR },
  bulk: { from: 5 * HOUR, to: 12 * HOUR },
};
const DEEP: Readonly<Partial<Record<RetrievalTier, ThawWait>>> = {
  standard: { from: 0, to: 12 * HOUR },
  bulk: { from: 0, to: 48 * HOUR },
};

/** Classes of objects, and tiers of Intelligent-Tiering, whose objects can't be read at once. */
const WAITS: Readonly<Record<string, Readonly<Partial<Record<RetrievalTier, ThawWait>>>>> = {
  GLACIER: FLEXIBLE,
  DEEP_ARCHIVE: DEEP,
  ARCHIVE_ACCESS: FLEXIBLE,
  DEEP_ARCHIVE_ACCESS: DEEP,
};
const MOVES_BY_ITSELF = 'INTELLIGENT_TIERING';

const TIER_NAMES = { standard: 'Standard', expedited: 'Expedited', bulk: 'Bulk' } as const;

/** What a list says of an object, if it is asked for `RestoreStatus`; other servers of the protocol leave that out. */
export function archiveInList(storageClass: string | undefined, status: RestoreStatus | undefined) {
  return archiveOf(storageClass, status && restoreOf(status), storageClass === MOVES_BY_ITSELF ? 'unknown' : undefined);
}

/** What a look at it says: `x-amz-restore`, and of Intelligent-Tiering `x-amz-archive-status`. */
export function archiveInHead({ StorageClass, ArchiveStatus, Restore }: HeadObjectCommandOutput) {
  return archiveOf(ArchiveStatus ?? StorageClass, restoreIn(Restore), undefined);
}

type Restored = 'thawing' | 'thawed';

function archiveOf(
  tier: string | undefined,
  restored: Restored | undefined,
  unclear: 'unknown' | undefined,
): { readonly archive?: Archive } {
  if (tier === undefined || !(WAITS[tier] ?? (tier === MOVES_BY_ITSELF && (unclear ?? restored)))) return {};
  // What has come back from a tier of Intelligent-Tiering is an object like others.
  if (tier === MOVES_BY_ITSELF && restored === 'thawed') return {};
  return { archive: { tier, state: restored ?? unclear ?? 'archived' } };
}

function restoreOf({ IsRestoreInProgress, RestoreExpiryDate }: RestoreStatus): Restored | undefined {
  if (IsRestoreInProgress === true) return 'thawing';
  return RestoreExpiryDate && 'thawed';
}

/** `ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"` */
function restoreIn(header: string | undefined): Restored | undefined {
  if (header === undefined) return undefined;
  return /ongoing-request="true"/.test(header) ? 'thawing' : 'thawed';
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html */
export function s3Thawing(bucket: S3Bucket): Thawing {
  return {
    waits: ({ tier }) => WAITS[tier] ?? DEEP,
    request: ({ key, version, storageClass }, { tier, days }) =>
      bucket.ask(`thaw of ${key}`, async () => {
        // Intelligent-Tiering moves it back for good, and takes no days.
        const stays = storageClass === MOVES_BY_ITSELF ? {} : { Days: days };
        const RestoreRequest = { ...stays, GlacierJobParameters: { Tier: TIER_NAMES[tier] } };
        const command = new RestoreObjectCommand({ ...bucket.whose, Key: key, VersionId: version, RestoreRequest });
        try {
          await bucket.client.send(command, { abortSignal: bucket.machine.signal });
          return 'requested';
        } catch (error) {
          const code = s3Code(error);
          if (code === 'RestoreAlreadyInProgress') return 'under way';
          // Its class is one that is read at once, or it came back meanwhile.
          if (code === 'ObjectAlreadyInActiveTierError' || code === 'InvalidObjectState') return 'readable';
          throw error;
        }
      }),
  };
}
