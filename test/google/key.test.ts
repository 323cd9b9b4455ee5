import { addGoogleStacks } from '../../stacks/google';
import { onlyResource, synthStack } from '../terraform/synth-stack';
import { createdKey, googleStack, lockedBucket } from './fixture';

const existing = synthStack(googleStack.name, (app) => addGoogleStacks(app, [googleStack]));
const made = synthStack(googleStack.name, (app) =>
  addGoogleStacks(app, [{ ...googleStack, keys: [createdKey], buckets: [lockedBucket] }]),
);

test('a key that exists is granted to the storage agent by its name', () => {
  expect(onlyResource(existing, 'google_kms_crypto_key_iam_member')).toMatchObject({
    crypto_key_id: 'projects/acme/locations/europe-west3/keyRings/backups/cryptoKeys/acme',
    role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter',
    member: '${data.google_storage_project_service_account.storage_agent.member}',
  });
});

test('the storage agent is asked for once its API is on', () => {
  const services = Object.keys(existing.template.resource?.google_project_service ?? {});
  expect(existing.template).toMatchObject({
    data: {
      google_storage_project_service_account: {
        storage_agent: { depends_on: services.map((name) => `google_project_service.${name}`) },
      },
    },
  });
});

test('a key that the stack makes rotates, can be had back for 90 days and is never destroyed', () => {
  const [ring] = Object.keys(made.template.resource?.google_kms_key_ring ?? {});
  expect(onlyResource(made, 'google_kms_key_ring')).toMatchObject({
    name: 'acme-backup',
    location: 'us-east4',
    lifecycle: { prevent_destroy: true },
  });
  expect(onlyResource(made, 'google_kms_crypto_key')).toMatchObject({
    name: 'acme-made',
    key_ring: `\${google_kms_key_ring.${ring}.id}`,
    purpose: 'ENCRYPT_DECRYPT',
    rotation_period: '7776000s',
    destroy_scheduled_duration: '7776000s',
    lifecycle: { prevent_destroy: true },
  });
});

test('its bucket and its grant name it by reference', () => {
  const [key] = Object.keys(made.template.resource?.google_kms_crypto_key ?? {});
  const id = `\${google_kms_crypto_key.${key}.id}`;
  expect(onlyResource(made, 'google_kms_crypto_key_iam_member')).toMatchObject({ crypto_key_id: id });
  expect(onlyResource(made, 'google_storage_bucket')).toMatchObject({ encryption: { default_kms_key_name: id } });
});
