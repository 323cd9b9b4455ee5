import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';
import { nodeComment, type ITerraformDependable } from '../../terraform';
import type { SiteFrame } from './frame';
import { accountId } from './names';
import { inFolder } from './primary';

/** A folder of a bucket that is read. */
export interface ReadFolder {
  readonly bucket: string;
  /** Beginning of the names of its objects. */
  readonly under: string;
}

export interface SiteIdentityProps {
  readonly frame: SiteFrame;
  /** What acts as it, in a word. */
  readonly does: string;
  readonly reads: Readonly<Record<string, ReadFolder>>;
  /** Id of the one secret that it may read; the operator makes it. @default - none */
  readonly secret?: string;
}

/** What a machine or a job of a site acts as: a service account without a key, which reads what it is told and no more. */
export class SiteIdentity extends Construct {
  readonly account: ServiceAccount;
  /** What has to be there before anybody acts as it. */
  readonly grants: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { frame, does, reads, secret }: SiteIdentityProps) {
    super(scope, id);
    const { site, services } = frame;
    this.account = new ServiceAccount(this, 'Resource', {
      accountId: accountId(site, does),
      displayName: `${does} of the recovery site ${site.name}`.slice(0, 100),
      dependsOn: services,
    });
    if (site.database) nodeComment(this.account, [site.database.id]);
    const { member } = this.account;
    const folders = Object.entries(reads).map(
      ([name, { bucket, under }]) =>
        new StorageBucketIamMember(this, `reads_${name}`, {
          bucket,
          role: 'roles/storage.objectViewer',
          member,
          condition: inFolder(bucket, under),
        }),
    );
    const secrets =
      secret === undefined
        ? []
        : [
            new SecretManagerSecretIamMember(this, 'secret', {
              secretId: secret,
              role: 'roles/secretmanager.secretAccessor',
              member,
            }),
          ];
    this.grants = [...folders, ...secrets];
  }
}
