import { Stack } from 'aws-cdk-lib';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { NODE_RELEASE, renderHostScript } from '../hosts';
import type { NodeRelease } from '../hosts';
import type { AwsTaskShard } from '../contract/aws-tasks';
import { HOST_STEP } from './host-step';
import { LONGEST_SECONDS } from './machine-states';
import { answerFor } from './node-metadata';

export interface HostDocumentProps {
  readonly name: string;
  readonly hosts: NonNullable<AwsTaskShard['hosts']>;
}

/**
 * Parameters of the document. Systems Manager writes them into the script as they are, so that each has a pattern that
 * leaves no room for quotes.
 */
const PARAMETERS = {
  run: {
    type: 'String',
    description: 'What runs: a backup of a type, or the pruning of the folder on the host',
    allowedPattern: '^(backup (full|incremental|differential|log)|prune)$',
  },
  manifest: {
    type: 'String',
    description: 'Task manifest: s3://bucket/key',
    allowedPattern: '^s3://[a-z0-9.-]{3,63}/[A-Za-z0-9/._-]{1,200}$',
  },
  slot: {
    type: 'String',
    description: 'Planned start: 20261122T021500Z',
    allowedPattern: '^[0-9]{8}T[0-9]{6}Z$',
  },
  runner: {
    type: 'String',
    description: 'URL of the runner in S3',
    allowedPattern: '^https://[a-z0-9.-]{3,100}/[A-Za-z0-9/._-]{1,200}$',
  },
  runnerSha256: { type: 'String', description: 'SHA-256 of the runner', allowedPattern: '^[0-9a-f]{64}$' },
} as const;

export interface HostDocumentValues {
  readonly region: string;
  readonly maxParallel: number;
  /** @default - the one that this version was released with */
  readonly node?: NodeRelease;
}

/**
 * What Run Command executes on a host: the agent fetches the runner with the host's own role, and the script does the
 * rest. The first step needs no tools on the host; should it fail, the script goes on with the runner that is there, if
 * that is the one that was deployed. There is no precondition: a host of another platform must fail, and not pass over.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html
 */
export function renderHostDocument({ region, maxParallel, node = NODE_RELEASE }: HostDocumentValues): object {
  const script = renderHostScript({
    run: {
      run: '{{ run }}',
      manifest: '{{ manifest }}',
      slot: '{{ slot }}',
      runnerSha256: '{{ runnerSha256 }}',
    },
    node,
    maxParallel,
    environment: { AWS_REGION: region, HYPDR_SECRETS: 'aws' },
  });
  return {
    schemaVersion: '2.2',
    description: 'Runs a backup task on a host with Linux',
    parameters: PARAMETERS,
    mainSteps: [
      {
        action: 'aws:downloadContent',
        name: 'fetch',
        inputs: { sourceType: 'S3', sourceInfo: '{"path":"{{ runner }}"}', destinationPath: 'runner.js' },
      },
      {
        action: 'aws:runShellScript',
        name: HOST_STEP,
        inputs: { timeoutSeconds: String(LONGEST_SECONDS), runCommand: script },
      },
    ],
  };
}

/** The document of a shard. */
export class HostDocument extends Construct {
  readonly resource: CfnDocument;

  constructor(scope: Construct, id: string, { name, hosts }: HostDocumentProps) {
    super(scope, id);
    this.resource = new CfnDocument(this, 'Resource', {
      name,
      documentType: 'Command',
      documentFormat: 'JSON',
      content: renderHostDocument({ region: Stack.of(this).region, maxParallel: hosts.maxParallel }),
      // A named document is never replaced: a change is its next version, and the one that is used.
      updateMethod: 'NewVersion',
    });
    answerFor(this.resource, [hosts.id]);
  }
}
