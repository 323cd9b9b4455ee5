import type { CfnParameter } from 'aws-cdk-lib';
import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnOIDCProvider, PolicyDocument, Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { AwsReadStore, AwsReader } from '../contract/aws-readers';
import { bucketArn } from './bucket-name';
import { answerFor } from './node-metadata';
import { renderReader } from './rights';
import { keyOf } from './task-bucket';

export interface CopyReaderProps {
  readonly reader: AwsReader;
  /** Subjects of the tokens that are taken: ids of service accounts, or object ids of managed identities. */
  readonly subjects: CfnParameter;
  /** Audience of the tokens. */
  readonly audience: string;
}

/**
 * What copy jobs of another cloud act as here: they show a token that their own cloud signed, and no key exists that
 * could be lost. It reads what it copies, in every version, and the ledger that says what counts.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html
 */
export class CopyReader extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { reader, subjects, audience }: CopyReaderProps) {
    super(scope, id);
    const { cloud, issuer } = reader;
    // Google's provider is built in, and its tokens have the audience in another claim.
    const principal =
      cloud === 'google'
        ? { provider: issuer, claim: 'oaud' }
        : { provider: this.#provider(issuer, audience), claim: 'aud' };
    this.role = new Role(this, 'Resource', {
      roleName: reader.role,
      description: `Copy jobs on ${cloud} read backups as this role`,
      assumedBy: new WebIdentityPrincipal(principal.provider, {
        StringEquals: { [`${issuer}:${principal.claim}`]: audience, [`${issuer}:sub`]: subjects.valueAsList },
      }),
      inlinePolicies: {
        read: new PolicyDocument({ statements: reader.stores.flatMap((store) => this.#reading(store)) }),
      },
    });
    answerFor(this.role, [reader.id]);
  }

  #provider(issuer: string, audience: string): string {
    return new CfnOIDCProvider(this, 'provider', { url: `https://${issuer}`, clientIdList: [audience] }).attrArn;
  }

  #reading(store: AwsReadStore): PolicyStatement[] {
    const { partition, account } = Stack.of(this);
    const { region, prefixes, dataSets } = store;
    const arn = bucketArn(partition, { name: store.bucket, naming: store.naming, account, region });
    return renderReader({
      bucketArn: arn,
      region,
      key: keyOf(store, { partition, account, region }),
      prefixes,
      dataSets,
    });
  }
}
