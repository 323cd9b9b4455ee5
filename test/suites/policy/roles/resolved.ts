import type { Deployed, Deployment, Resource } from './deployments';

type Json = Readonly<Record<string, unknown>>;

/** The values of a stack as they are after its deployment: what CloudFormation would put for its functions. */
export class Resolved {
  readonly #stack: Deployed;
  readonly #deployment: Deployment;

  constructor(deployment: Deployment, stack: Deployed) {
    this.#deployment = deployment;
    this.#stack = stack;
  }

  value(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.value(one));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [entry] = entries;
    if (entry && entries.length === 1) {
      const [name, argument] = entry as [string, unknown];
      if (name === 'Ref') return this.#ref(String(argument));
      if (name === 'Fn::GetAtt') return this.#attribute(argument as readonly [string, string]);
      if (name === 'Fn::ImportValue') return this.#imported(String(this.value(argument)));
      if (name === 'Fn::Join') {
        const [separator, parts] = argument as readonly [string, readonly unknown[]];
        return parts.map((part) => this.text(part)).join(separator);
      }
      if (name === 'Fn::Sub') return String(argument).replace(/\$\{([^}]+)\}/g, (_, inner: string) => this.#ref(inner));
      if (name.startsWith('Fn::')) return `${name} of ${JSON.stringify(argument)}`;
    }
    return Object.fromEntries(entries.map(([key, inner]) => [key, this.value(inner)]));
  }

  text(value: unknown): string {
    const text = this.value(value);
    if (typeof text !== 'string') throw new Error(`no text: ${JSON.stringify(value)}`);
    return text;
  }

  #ref(id: string): string {
    const { region, account } = this.#stack;
    const pseudo: Readonly<Record<string, string>> = {
      'AWS::AccountId': account,
      'AWS::Region': region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': this.#stack.stack,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${this.#stack.stack}/0011`,
    };
    const known = pseudo[id];
    if (known !== undefined) return known;
    const resource = this.#stack.resources[id];
    if (!resource) return `parameter-${id}`;
    switch (resource.Type) {
      case 'AWS::SNS::Topic':
      case 'AWS::StepFunctions::StateMachine':
      case 'AWS::IAM::ManagedPolicy':
      case 'AWS::ElasticLoadBalancingV2::TargetGroup':
        return this.#arn(id, resource);
      default:
        return this.#name(id, resource);
    }
  }

  #attribute([id, attribute]: readonly [string, string]): string {
    const resource = this.#stack.resources[id];
    if (resource && attribute === 'Arn') return this.#arn(id, resource);
    return `${id}.${attribute}`;
  }

  /** What a resource is called, by itself or by the service. */
  #name(id: string, { Type, Properties = {} }: Resource): string {
    const { region, account } = this.#stack;
    // In an account-regional namespace S3 appends the rest.
    if (Properties.BucketNamePrefix !== undefined)
      return `${this.text(Properties.BucketNamePrefix)}-${account}-${region}-an`;
    const kind = Type.replace(/^.*::/, '');
    for (const key of [`${kind}Name`, 'Name', 'DBInstanceIdentifier', 'Family']) {
      const given = this.value((Properties as Json)[key]);
      if (typeof given === 'string') return given;
    }
    const ids: Readonly<Record<string, string>> = { Instance: 'i-', FileSystem: 'fs-', AccessPoint: 'fsap-' };
    return `${ids[kind] ?? ''}${id.toLowerCase()}`;
  }

  #arn(id: string, resource: Resource): string {
    const { region, account } = this.#stack;
    const name = this.#name(id, resource);
    const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
    const path = (resource.Properties as { Path?: string } | undefined)?.Path ?? '/';
    switch (resource.Type) {
      case 'AWS::IAM::Role':
        return `arn:aws:iam::${account}:role${path}${name}`;
      case 'AWS::IAM::ManagedPolicy':
        return `arn:aws:iam::${account}:policy${path}${name}`;
      case 'AWS::S3::Bucket':
        return `arn:aws:s3:::${name}`;
      case 'AWS::KMS::Key':
        return arn('kms', `key/${name}`);
      case 'AWS::SNS::Topic':
        return arn('sns', name);
      case 'AWS::SQS::Queue':
        return arn('sqs', name);
      case 'AWS::DynamoDB::Table':
        return arn('dynamodb', `table/${name}`);
      case 'AWS::Logs::LogGroup':
        return arn('logs', `log-group:${name}:*`);
      case 'AWS::Lambda::Function':
        return arn('lambda', `function:${name}`);
      case 'AWS::StepFunctions::StateMachine':
        return arn('states', `stateMachine:${name}`);
      case 'AWS::EFS::FileSystem':
        return arn('elasticfilesystem', `file-system/${name}`);
      case 'AWS::EFS::AccessPoint':
        return arn('elasticfilesystem', `access-point/${name}`);
      default:
        return arn(resource.Type.split('::')[1]?.toLowerCase() ?? '', `made/${name}`);
    }
  }

  #imported(name: string): string {
    for (const stack of this.#deployment.stacks) {
      const other = new Resolved(this.#deployment, stack);
      for (const { Value, Export } of Object.values(stack.outputs)) {
        const isHere = stack.region === this.#stack.region && Export && other.value(Export.Name) === name;
        if (isHere) return other.text(Value);
      }
    }
    throw new Error(`${this.#stack.stack} imports ${name}, which no stack exports`);
  }
}
