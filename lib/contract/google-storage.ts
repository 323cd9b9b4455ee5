import { z } from 'zod';
import { days, nodeShape } from './node';
import { TerraformBackend } from './terraform';

export const GoogleKey = z.discriminatedUnion('kind', [
  z.strictObject({
    ...nodeShape,
    kind: z.literal('existing'),
    name: z.string().describe('projects/P/locations/L/keyRings/R/cryptoKeys/K'),
  }),
  z.strictObject({
    ...nodeShape,
    kind: z.literal('created'),
    location: z.string(),
    keyRing: z.string(),
    keyName: z.string(),
    rotationDays: days,
  }),
]);

/** One change of storage class, or the final deletion, by age in days under a prefix; every version state. */
export const GoogleLifecycleRule = z.strictObject({
  ...nodeShape,
  prefix: z.string().describe('empty for the whole bucket'),
  action: z.enum(['set-class', 'delete']),
  storageClass: z.string().optional().describe('NEARLINE, COLDLINE or ARCHIVE, with set-class'),
  afterDays: days,
});

export const GoogleBucket = z.strictObject({
  ...nodeShape,
  name: z.string(),
  location: z.string().describe('upper case, as the service answers it'),
  keyId: z.string().describe('id of the key node of the same stack'),
  versioning: z.boolean(),
  retention: z
    .strictObject({ days, locked: z.boolean() })
    .nullable()
    .describe('a retention policy; versioning is off beside one'),
  softDeleteDays: days,
  abortMultipartAfterDays: days,
  lifecycle: z.array(GoogleLifecycleRule).readonly(),
});

export const GoogleStack = z.strictObject({
  ...nodeShape,
  name: z.string(),
  project: z.string().optional().describe('left out: the project of the credentials (GOOGLE_PROJECT)'),
  region: z.string().optional().describe('default region of the provider'),
  services: z.array(z.string()).readonly().describe('APIs to enable, like storage.googleapis.com'),
  keys: z.array(GoogleKey).readonly(),
  buckets: z.array(GoogleBucket).readonly(),
  backend: TerraformBackend,
});

export type GoogleKey = z.infer<typeof GoogleKey>;
export type GoogleLifecycleRule = z.infer<typeof GoogleLifecycleRule>;
export type GoogleBucket = z.infer<typeof GoogleBucket>;
export type GoogleStack = z.infer<typeof GoogleStack>;
