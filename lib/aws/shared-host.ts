import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { AwsTaskShard } from '../contract/aws-tasks';
import { HostDocument } from './host-document';
import type { HostRunner } from './host-task';
import { KEPT } from './kept';

export interface SharedHostProps {
  /** Name of the shard. */
  readonly name: string;
  /** The runner as one file, with its SHA-256. */
  readonly runner: { readonly file: string; readonly sha256: string };
  readonly key: IKey;
  readonly hosts: NonNullable<AwsTaskShard['hosts']>;
}

/** What the hosts of a shard share: the document, the runner that it fetches, and a log of what they say. */
export class SharedHost extends Construct {
  /** Name of the document. */
  readonly document: string;
  /** Name of the log group. */
  readonly outputGroup: string;
  readonly runner: HostRunner;
  /** The same as an execution is told of it. */
  readonly program: { readonly runner: string; readonly runnerSha256: string };

  constructor(scope: Construct, id: string, { name, runner, key, hosts }: SharedHostProps) {
    super(scope, id);
    this.document = `${name}-host`;
    new HostDocument(this, 'document', { name: this.document, hosts });
    this.outputGroup = `/hypnoscript/${name}/hosts`;
    new LogGroup(this, 'output', {
      logGroupName: this.outputGroup,
      encryptionKey: key,
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: KEPT,
    });
    this.runner = { asset: new Asset(this, 'runner', { path: runner.file }), sha256: runner.sha256 };
    this.program = { runner: this.runner.asset.httpUrl, runnerSha256: runner.sha256 };
  }
}
