import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { SiteArchive as Archive } from '../../contract/site';
import { segmentsOf } from '../../hosts/standby';
import type { LogBucket } from '../log-bucket';
import { answerFor } from '../node-metadata';
import { siteBucket } from './bucket';
import type { SiteFrame } from './frame';
import { archiveBucket } from './names';

export interface SiteArchiveProps {
  readonly frame: SiteFrame;
  readonly archive: Archive;
  readonly logs: LogBucket;
  /** Major version of PostgreSQL. */
  readonly version: string;
}

/** Who stole the primary's identity takes no log along for a week. */
const NONCURRENT_DAYS = 7;

/**
 * Where the primary puts its write-ahead log, and a machine of the site reads it. Segments go by their age; what
 * pgBackRest says about the archive as a whole, and its backups, are its own to expire: an archive without its
 * `archive.info` can't be used.
 * @see https://pgbackrest.org/user-guide.html#retention
 */
export class SiteArchive extends Construct {
  readonly bucket: Bucket;
  readonly #path: string;
  readonly #frame: SiteFrame;

  constructor(scope: Construct, id: string, { frame, archive, logs, version }: SiteArchiveProps) {
    super(scope, id);
    const { account } = Stack.of(this);
    this.#frame = frame;
    this.#path = archive.path;
    this.bucket = siteBucket(this, 'archive', {
      bucketName: archiveBucket(archive.name, { account, region: frame.site.region }),
      key: frame.key,
      logs,
      noncurrentDays: NONCURRENT_DAYS,
      expire: [
        {
          id: 'segments',
          prefix: `${archive.path}/${segmentsOf(frame.site.name, version)}`,
          expiration: Duration.days(archive.days),
        },
      ],
    });
    answerFor(this.bucket, [archive.id]);
  }

  reading(): PolicyStatement[] {
    return this.#grant(['s3:GetObject'], ['kms:Decrypt']);
  }

  /**
   * What pgBackRest does at the primary: it writes segments and backups, and expires them by its own rules.
   * @see https://pgbackrest.org/user-guide.html#s3-support
   */
  writing(): PolicyStatement[] {
    return this.#grant(
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      ['kms:Decrypt', 'kms:GenerateDataKey'],
    );
  }

  #grant(objects: string[], keys: string[]): PolicyStatement[] {
    return [
      new PolicyStatement({ actions: objects, resources: [this.bucket.arnForObjects(`${this.#path}/*`)] }),
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [this.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': [this.#path, `${this.#path}/*`] } },
      }),
      new PolicyStatement({
        actions: keys,
        resources: [this.#frame.key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `s3.${this.#frame.site.region}.amazonaws.com` } },
      }),
    ];
  }
}
