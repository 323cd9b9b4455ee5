import { z } from 'zod';

/**
 * The part of a CloudFormation template that the rules read, as far as it can be read: values may be intrinsic functions
 * anywhere, and a resource that does not fit is another's business.
 */
const text = z.string().optional().catch(undefined);
const number = z.number().optional().catch(undefined);
const listOf = <T extends z.ZodType>(item: T) => z.array(item).catch([]);
const status = z.object({ Status: text }).optional().catch(undefined);

const LifecycleRule = z.object({
  Id: text,
  Prefix: text,
  ExpirationInDays: number,
  ExpiredObjectDeleteMarker: z.boolean().optional().catch(undefined),
  AbortIncompleteMultipartUpload: z.object({ DaysAfterInitiation: number }).optional().catch(undefined),
  NoncurrentVersionExpiration: z.object({ NoncurrentDays: number }).optional().catch(undefined),
  TagFilters: z.array(z.unknown()).optional().catch(undefined),
  ObjectSizeGreaterThan: z.unknown().optional(),
  ObjectSizeLessThan: z.unknown().optional(),
  Transitions: listOf(z.object({ StorageClass: text, TransitionInDays: number })),
});

const ReplicationRule = z.object({
  Id: text,
  Priority: number,
  Prefix: z.unknown().optional(),
  Filter: z.unknown().optional(),
  DeleteMarkerReplication: status,
  SourceSelectionCriteria: z.object({ SseKmsEncryptedObjects: status }).optional().catch(undefined),
  Destination: z.object({
    Bucket: z.unknown().optional(),
    EncryptionConfiguration: z.object({ ReplicaKmsKeyID: z.unknown().optional() }).optional().catch(undefined),
    ReplicationTime: z
      .object({ Status: text, Time: z.object({ Minutes: number }).optional().catch(undefined) })
      .optional(),
    Metrics: status,
  }),
});

const BucketProperties = z.object({
  BucketName: z.unknown().optional(),
  BucketNamePrefix: z.unknown().optional(),
  BucketNamespace: text,
  VersioningConfiguration: status,
  ObjectLockEnabled: z.boolean().optional().catch(undefined),
  ObjectLockConfiguration: z
    .object({ Rule: z.object({ DefaultRetention: z.object({ Mode: text, Days: number, Years: number }) }).optional() })
    .optional()
    .catch(undefined),
  BucketEncryption: z
    .object({
      ServerSideEncryptionConfiguration: listOf(
        z.object({
          ServerSideEncryptionByDefault: z
            .object({ SSEAlgorithm: text, KMSMasterKeyID: z.unknown().optional() })
            .optional()
            .catch(undefined),
        }),
      ),
    })
    .optional()
    .catch(undefined),
  LifecycleConfiguration: z
    .object({ Rules: listOf(LifecycleRule) })
    .optional()
    .catch(undefined),
  ReplicationConfiguration: z
    .object({ Rules: listOf(ReplicationRule) })
    .optional()
    .catch(undefined),
});

const Resource = z.object({
  Type: z.string(),
  DeletionPolicy: text,
  Properties: z.unknown().optional(),
});

export const Template = z.object({ Resources: z.record(z.string(), Resource).catch({}) });

export type BucketProperties = z.infer<typeof BucketProperties>;
export type LifecycleRule = z.infer<typeof LifecycleRule>;
export type ReplicationRule = z.infer<typeof ReplicationRule>;

export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly deletionPolicy: string | undefined;
  /** Set for buckets. */
  readonly bucket: BucketProperties | undefined;
}

/** The resources of a template, in its own order. */
export function resourcesOf(template: unknown): TemplateResource[] {
  return Object.entries(Template.parse(template).Resources).map(
    ([logicalId, { Type, DeletionPolicy, Properties }]) => ({
      logicalId,
      type: Type,
      deletionPolicy: DeletionPolicy,
      bucket: Type === 'AWS::S3::Bucket' ? BucketProperties.parse(Properties ?? {}) : undefined,
    }),
  );
}
