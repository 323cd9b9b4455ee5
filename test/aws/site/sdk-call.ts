import { resourcesOfType } from './template-resources';
import type { TemplateJson } from './template-resources';

/** A call of a service that a workflow or a schedule of a site makes. */
export interface SdkCall {
  /** `service:action`, as Step Functions has it. */
  readonly call: string;
  /** What is handed over; a name that the deployment knows is `{LOGICAL ID}`. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Questions, and what only tells. */
const ASKS = /:(describe|get|list)\w+$|^sns:publish$|^cloudwatch:putMetricData$/;

/** All that the workflows and schedules of a template change. */
export function changingCalls(template: TemplateJson): readonly SdkCall[] {
  const machines = resourcesOfType(template, 'AWS::StepFunctions::StateMachine').flatMap(({ properties }) =>
    callsIn(JSON.parse(textOf(properties.DefinitionString))),
  );
  const schedules = resourcesOfType(template, 'AWS::Scheduler::Schedule').map(({ properties }): SdkCall => {
    const { Arn, Input } = properties.Target as Readonly<Record<string, unknown>>;
    return { call: callOf(textOf(Arn)), parameters: JSON.parse(textOf(Input)) as SdkCall['parameters'] };
  });
  return [...machines, ...schedules].filter(({ call }) => !ASKS.test(call));
}

function callsIn(value: unknown): readonly SdkCall[] {
  if (typeof value !== 'object' || value === null) return [];
  const { Type, Resource, Parameters, Arguments } = value as Readonly<Record<string, unknown>>;
  const inner = Object.values(value).flatMap(callsIn);
  if (Type !== 'Task') return inner;
  return [{ call: callOf(String(Resource)), parameters: (Parameters ?? Arguments) as SdkCall['parameters'] }, ...inner];
}

function callOf(arn: string): string {
  const [, call] = /:::(?:aws-sdk:)?(\w+:\w+)$/.exec(arn) ?? [];
  if (call === undefined) throw new Error(`no call of a service: ${arn}`);
  return call;
}

/** A text with what only the deployment knows in braces. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Readonly<Record<string, unknown>>;
  if (typeof Ref === 'string') return `{${Ref}}`;
  if (Array.isArray(attribute)) return `{${attribute.join('.')}}`;
  if (!Array.isArray(join)) throw new Error(`no text: ${JSON.stringify(value)}`);
  const [separator, parts] = join as [string, readonly unknown[]];
  return parts.map(textOf).join(separator);
}
