import { join } from 'node:path';

/** What a stack asks whoever deploys it. */
export interface StackInput {
  readonly name: string;
  /** In Terraform's words, such as `list(string)`, or CloudFormation's. */
  readonly type: string;
  /** @default - there is none: the deployment ends without a value */
  readonly default?: unknown;
}

export interface DeployedStack {
  readonly name: string;
  readonly inputs: readonly StackInput[];
}

export interface NextSteps {
  /** Folder of the output, as the user calls it. */
  readonly out: string;
  readonly aws: readonly DeployedStack[];
  /** In the order of `docs/deploy.md`. */
  readonly terraform: readonly DeployedStack[];
}

/** Variables of a Terraform template, in its order. */
export function inputsOfTerraform(template: unknown): readonly StackInput[] {
  const { variable = {} } = template as { readonly variable?: Readonly<Record<string, Omit<StackInput, 'name'>>> };
  return Object.entries(variable).map(([name, { type, default: value }]) => ({
    name,
    type,
    ...(value !== undefined && { default: value }),
  }));
}

/** Parameters of a CloudFormation template, without the bootstrap's, which is the CDK's own. */
export function inputsOfCloudFormation(template: unknown): readonly StackInput[] {
  type Parameter = { readonly Type: string; readonly Default?: unknown };
  const { Parameters = {} } = template as { readonly Parameters?: Readonly<Record<string, Parameter>> };
  return Object.entries(Parameters)
    .filter(([name]) => name !== 'BootstrapVersion')
    .map(([name, { Type, Default }]) => ({ name, type: Type, ...(Default !== undefined && { default: Default }) }));
}

/** The commands of a deployment in their order, each with what it asks for, to be copied and filled in. */
export function nextSteps({ out, aws, terraform }: NextSteps): readonly string[] {
  const all = aws.flatMap((stack) => parameters(stack, isRequired));
  return [
    'next:',
    ...(aws.length > 0 ? [`  npx cdk deploy --all --app ${join(out, 'aws')}`, ...all].join(BREAK).split('\n') : []),
    ...terraform.flatMap((stack) => {
      const folder = join(out, 'terraform', 'stacks', stack.name);
      return [`  terraform -chdir=${folder} init && ${apply(folder)}`, ...variables(stack, isRequired)]
        .join(BREAK)
        .split('\n');
    }),
    ...secondRound({ out, aws, terraform }),
  ];
}

/** Who copies is named to who is read, and the other way round, when both are there: outputs of one are inputs of the other. */
function secondRound({ out, aws, terraform }: NextSteps): readonly string[] {
  const asked = (input: StackInput) => isRequired(input) || isOpen(input);
  const steps = [
    ...aws
      .filter(({ inputs }) => inputs.some(isOpen))
      .map((stack) => [`  npx cdk deploy ${stack.name} --app ${join(out, 'aws')}`, ...parameters(stack, asked)]),
    ...terraform
      .filter(({ inputs }) => inputs.some(isOpen))
      .map((stack) => [`  ${apply(join(out, 'terraform', 'stacks', stack.name))}`, ...variables(stack, asked)]),
  ];
  if (steps.length === 0) return [];
  return [
    'then, for the copies between clouds, with what the stacks of the other side put out:',
    ...steps.flatMap((step) => step.join(BREAK).split('\n')),
  ];
}

const BREAK = ' \\\n    ';

function apply(folder: string): string {
  return `terraform -chdir=${folder} apply`;
}

function isRequired(input: StackInput): boolean {
  return !('default' in input);
}

/** Of the copies between clouds, and without a value until the other side exists. */
function isOpen({ name, default: value }: StackInput): boolean {
  return /copier/i.test(name) && value !== undefined && /^$|nobody/.test(String(value));
}

function variables({ inputs }: DeployedStack, asked: (input: StackInput) => boolean): readonly string[] {
  return inputs.filter(asked).map(({ name, type }) => `-var '${name}=${placeholder(name, type)}'`);
}

/** A parameter of one stack among several is named with its stack. */
function parameters({ name: stack, inputs }: DeployedStack, asked: (input: StackInput) => boolean): readonly string[] {
  return inputs.filter(asked).map(({ name }) => `--parameters '${stack}:${name}=<${name}>'`);
}

/** A value of a type of Terraform, with `<name>` where a text goes. */
function placeholder(name: string, type: string): string {
  const [, inner] = /^(?:list|set)\((.*)\)$/s.exec(type) ?? [];
  if (inner === undefined) return `<${name}>`;
  const [, fields] = /^object\((.*)\)$/s.exec(inner) ?? [];
  if (fields === undefined) return `["<${name}>"]`;
  return `[${fields.replace(/(\w+) = \w+/g, (_, field: string) => `${field} = "<${field}>"`)}]`;
}
