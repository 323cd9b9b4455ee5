import { expectErrors } from '../../support/spec-text';
import { findingsOf, placesOf } from '../../support/findings';
import { S3, smallSpec } from '../../support/small-spec';

const aws = (lifecycle: string) =>
  smallSpec({ cloud: `aws_s3: { bucket: "acme-copies" region: "eu-west-1" lifecycle: { ${lifecycle} } }` });
const azure = (lifecycle: string) =>
  smallSpec({ cloud: `azure_blob: { storage_account: "acmecopies" container: "copies" lifecycle: { ${lifecycle} } }` });
const google = (lifecycle: string) =>
  smallSpec({ cloud: `gcp_storage: { bucket: "acme-copies" location: "europe-west1" lifecycle: { ${lifecycle} } }` });
const own = (storage: string) => smallSpec({ set: `type: "pg_dump" storage: { ${storage} }` });
const s3 = (lifecycle: string) => S3.replace(/ }$/, ` lifecycle: { ${lifecycle} } }`);

const ORDER = ['DR2010', 'DR2011'] as const;

describe('ages in their order', () => {
  test.each([
    aws('transition_to_ia: 30 transition_to_glacier: 90 delete_after: 2555'),
    aws('transition_to_ia: 30 transition_to_glacier: 60 delete_after: 61'),
    aws('transition_to_glacier: 1'),
    aws('delete_after: 1'),
    azure('tier_to_cool: 1 tier_to_archive: 2 delete_after: 300'),
    google('set_storage_class: { nearline: 1 coldline: 2 archive: 3 } delete_after: 400'),
    own(s3('transition_days: 30 expiration_days: 31')),
    own(
      `${s3('expiration_days: 30')} glacier: { bucket: "acme-archive" transition_days: 10 expiration_days: 300 retrieval_tier: "bulk" }`,
    ),
  ])('%#', (text) => {
    expect(findingsOf(text, ...ORDER)).toEqual([]);
  });
});

describe('ages out of order are errors at the later one', () => {
  test.each([
    [
      aws('transition_to_ia: 90 transition_to_glacier: 30'),
      'DR2010 backup.cloud.aws_s3.lifecycle.transition_to_glacier',
    ],
    [aws('transition_to_ia: 90 delete_after: 90'), 'DR2010 backup.cloud.aws_s3.lifecycle.delete_after'],
    [aws('transition_to_glacier: 90 delete_after: 60'), 'DR2010 backup.cloud.aws_s3.lifecycle.delete_after'],
    [azure('tier_to_cool: 90 tier_to_archive: 30'), 'DR2010 backup.cloud.azure_blob.lifecycle.tier_to_archive'],
    [azure('tier_to_archive: 90 delete_after: 30'), 'DR2010 backup.cloud.azure_blob.lifecycle.delete_after'],
    [
      google('set_storage_class: { nearline: 90 coldline: 30 }'),
      'DR2010 backup.cloud.gcp_storage.lifecycle.set_storage_class.coldline',
    ],
    [
      google('set_storage_class: { archive: 90 } delete_after: 30'),
      'DR2010 backup.cloud.gcp_storage.lifecycle.delete_after',
    ],
    [
      own(s3('transition_days: 60 expiration_days: 30')),
      'DR2010 backup.database.orders.storage.s3.lifecycle.expiration_days',
    ],
    [
      own(`${S3} glacier: { bucket: "acme-archive" transition_days: 90 expiration_days: 30 retrieval_tier: "bulk" }`),
      'DR2010 backup.database.orders.storage.glacier.expiration_days',
    ],
  ])('%#: %s', (text, place) => {
    expect(placesOf(text, ...ORDER)).toEqual([place]);
  });

  test('an archive in a bucket of its own is deleted by the expiry of the s3 beside it', () => {
    const text = own(
      `${s3('expiration_days: 60')} glacier: { bucket: "acme-archive" transition_days: 90 retrieval_tier: "bulk" }`,
    );
    expect(placesOf(text, 'DR2010')).toEqual(['DR2010 backup.database.orders.storage.s3.lifecycle.expiration_days']);
  });
});

describe('ages that S3 refuses', () => {
  test('are moves to STANDARD_IA before 30 days, and to Glacier within 30 days after', () => {
    expect(findingsOf(aws('transition_to_ia: 29'), ...ORDER)).toEqual([
      'DR2011 backup.cloud.aws_s3.lifecycle.transition_to_ia: objects move to STANDARD_IA after 29 days, and S3 moves them after 30 at the earliest',
    ]);
    expect(findingsOf(aws('transition_to_ia: 30 transition_to_glacier: 59'), ...ORDER)).toEqual([
      'DR2011 backup.cloud.aws_s3.lifecycle.transition_to_glacier: objects move to Glacier 29 days after they move to STANDARD_IA, and S3 wants 30 between the two',
    ]);
  });

  test('are none of Azure’s or Google’s business', () => {
    expect(findingsOf(azure('tier_to_cool: 1 tier_to_archive: 2'), ...ORDER)).toEqual([]);
    expect(findingsOf(google('set_storage_class: { nearline: 1 coldline: 2 }'), ...ORDER)).toEqual([]);
  });
});

test('the later age is underlined, in the words of the spec', () => {
  expectErrors(
    aws('\n    transition_to_glacier: 90 delete_after: 60'),
    `
    spec.hyp:8:45 error DR2010 objects are deleted after 60 days, which is not after they move to Glacier at 90
            transition_to_glacier: 90 delete_after: 60 } } }
                                                    ~~
      at backup.cloud.aws_s3.lifecycle.delete_after
      fix: make it more than 90
    `,
  );
});
