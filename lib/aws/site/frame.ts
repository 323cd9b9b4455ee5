import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Site } from '../../contract/site';

/** What every construct of a site is given. */
export interface SiteFrame {
  readonly site: Site;
  /** Encrypts disks, messages, logs and the archive of the site. */
  readonly key: IKey;
  /** Where alarms and outcomes are told. */
  readonly topic: ITopic;
}
