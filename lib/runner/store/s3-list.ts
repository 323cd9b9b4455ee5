import { ListObjectVersionsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type {
  _Object,
  DeleteMarkerEntry,
  ListObjectVersionsCommandOutput,
  ListObjectsV2CommandInput,
  ObjectVersion,
} from '@aws-sdk/client-s3';
import { archiveInList } from './s3-archive';
import type { S3Bucket } from './s3-bucket';
import type { StoredObject } from './store';

/** Beside the class, whether an archived object was thawed. */
const THAWED_TOO = { OptionalObjectAttributes: ['RestoreStatus'] } satisfies Pick<
  ListObjectsV2CommandInput,
  'OptionalObjectAttributes'
>;

/** The objects under a prefix as a reader without a version sees them. */
export async function* listNewest(bucket: S3Bucket, prefix: string): AsyncGenerator<StoredObject> {
  let token: string | undefined;
  do {
    const page = await bucket.ask(`list of ${prefix}`, () =>
      bucket.client.send(
        new ListObjectsV2Command({ ...bucket.whose, ...THAWED_TOO, Prefix: prefix, ContinuationToken: token }),
        { abortSignal: bucket.machine.signal },
      ),
    );
    for (const object of page.Contents ?? []) yield newest(object);
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/** Every version and delete marker; of one key the newest first, as S3 says them. */
export async function* listVersions(bucket: S3Bucket, prefix: string): AsyncGenerator<StoredObject> {
  let from: VersionMarker | undefined = {};
  while (from) {
    const page: ListObjectVersionsCommandOutput = await versionsPage(bucket, prefix, from);
    yield* merge(page.Versions ?? [], page.DeleteMarkers ?? []);
    from = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
  }
}

interface VersionMarker {
  readonly KeyMarker?: string;
  readonly VersionIdMarker?: string;
}

function versionsPage(bucket: S3Bucket, prefix: string, from: VersionMarker): Promise<ListObjectVersionsCommandOutput> {
  const command = new ListObjectVersionsCommand({ ...bucket.whose, ...THAWED_TOO, Prefix: prefix, ...from });
  return bucket.ask(`list of versions of ${prefix}`, () =>
    bucket.client.send(command, { abortSignal: bucket.machine.signal }),
  );
}

/** The SDK hands out one page as two lists. */
function merge(versions: readonly ObjectVersion[], markers: readonly DeleteMarkerEntry[]): readonly StoredObject[] {
  return [...versions.map(versionOf), ...markers.map(markerOf)].sort(
    (a, b) =>
      Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) ||
      Number(b.latest) - Number(a.latest) ||
      b.modified.getTime() - a.modified.getTime(),
  );
}

function newest({ Key = '', Size = 0, LastModified, ETag, StorageClass, RestoreStatus }: _Object): StoredObject {
  return {
    key: Key,
    bytes: Size,
    modified: LastModified ?? new Date(0),
    latest: true,
    deleteMarker: false,
    ...(ETag !== undefined && { etag: ETag }),
    ...(StorageClass !== undefined && { storageClass: StorageClass }),
    ...archiveInList(StorageClass, RestoreStatus),
  };
}

function versionOf(version: ObjectVersion): StoredObject {
  const { VersionId, IsLatest = false } = version;
  return { ...newest(version), latest: IsLatest, ...(VersionId !== undefined && { version: VersionId }) };
}

function markerOf({ Key = '', LastModified, VersionId, IsLatest = false }: DeleteMarkerEntry): StoredObject {
  return {
    key: Key,
    bytes: 0,
    modified: LastModified ?? new Date(0),
    latest: IsLatest,
    deleteMarker: true,
    ...(VersionId !== undefined && { version: VersionId }),
  };
}
