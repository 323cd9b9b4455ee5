import type { GoogleBucket, GoogleKey, GoogleStack } from '../../lib/google';

export const existingKey: GoogleKey = {
  id: 'google/key/acme',
  from: ['backup.cloud.gcs.encryption'],
  kind: 'existing',
  name: 'projects/acme/locations/europe-west3/keyRings/backups/cryptoKeys/acme',
};

export const createdKey: GoogleKey = {
  id: 'google/key/made',
  from: [],
  kind: 'created',
  location: 'us-east4',
  keyRing: 'acme-backup',
  keyName: 'acme-made',
  rotationDays: 90,
};

export const versionedBucket: GoogleBucket = {
  id: 'google/bucket/acme-backups',
  from: ['backup.cloud.gcs'],
  name: 'acme-backups',
  location: 'EUROPE-WEST3',
  keyId: existingKey.id,
  versioning: true,
  retention: null,
  softDeleteDays: 7,
  abortMultipartAfterDays: 5,
  lifecycle: [
    {
      id: 'google/lifecycle/near',
      from: [],
      prefix: '',
      action: 'set-class',
      storageClass: 'NEARLINE',
      afterDays: 30,
    },
    {
      id: 'google/lifecycle/cold',
      from: [],
      prefix: 'db/',
      action: 'set-class',
      storageClass: 'COLDLINE',
      afterDays: 90,
    },
    { id: 'google/lifecycle/end', from: [], prefix: '', action: 'delete', afterDays: 2555 },
  ],
};

export const lockedBucket: GoogleBucket = {
  id: 'google/bucket/acme.locked',
  from: [],
  name: 'acme.locked',
  location: 'US-EAST4',
  keyId: createdKey.id,
  versioning: false,
  retention: { days: 30, locked: true },
  softDeleteDays: 0,
  abortMultipartAfterDays: 7,
  lifecycle: [],
};

export const googleStack: GoogleStack = {
  id: 'google/stack/acme',
  from: ['backup.cloud.gcs'],
  name: 'acme-google-backup',
  project: 'acme',
  region: 'europe-west3',
  services: ['cloudkms.googleapis.com', 'storage.googleapis.com'],
  keys: [existingKey],
  buckets: [versionedBucket],
  backend: { type: 'local' },
};
