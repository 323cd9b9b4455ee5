import type { SdkCall } from './sdk-call';
import { textOf } from './sdk-call';
import { resourcesOf, resourcesOfType } from './template-resources';
import type { TemplateJson, TemplateResource } from './template-resources';

interface Kept {
  /** Whose property the call changes, of all resources of the template. */
  readonly type: string;
  readonly is: (resource: TemplateResource, parameters: SdkCall['parameters']) => boolean;
  /** Properties that must not be there: CloudFormation would write its own value over the call's. */
  readonly not: readonly string[];
  /** What else would take the change back. */
  readonly complaint?: (resource: TemplateResource, call: SdkCall, template: TemplateJson) => string | undefined;
}

/** Names a resource by this property, or by its logical id where the deployment names it. */
const named = (property: string, value: unknown) => (one: TemplateResource) =>
  textOf(value) === `{${one.id}}` ||
  (one.properties[property] !== undefined && textOf(one.properties[property]) === textOf(value));

/**
 * What each call changes, and what a template must not say so that CloudFormation, which compares templates and never looks
 * at what is, keeps it: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks.html
 */
const KEPT: Readonly<Record<string, Kept | undefined>> = {
  'autoscaling:setDesiredCapacity': {
    type: 'AWS::AutoScaling::AutoScalingGroup',
    is: (one, { AutoScalingGroupName }) => named('AutoScalingGroupName', AutoScalingGroupName)(one),
    not: ['DesiredCapacity'],
    complaint: ({ properties, updatePolicy }, { parameters }) => {
      const asked = Number(parameters.DesiredCapacity);
      // Outside of them the service refuses, and a deployment that touches the group cuts the number.
      if (asked < Number(properties.MinSize) || asked > Number(properties.MaxSize))
        return `${asked} is out of its bounds`;
      const kept = updatePolicy.AutoScalingScheduledAction as Readonly<Record<string, unknown>> | undefined;
      if (kept?.IgnoreUnmodifiedGroupSizeProperties !== true) return 'a deployment sets its size anew';
      const others = Object.keys(updatePolicy).filter((name) => name !== 'AutoScalingScheduledAction');
      return others.length > 0 ? `a deployment replaces its machines: ${others.join()}` : undefined;
    },
  },
  'rds:promoteReadReplica': {
    type: 'AWS::RDS::DBInstance',
    is: (one, { DbInstanceIdentifier }) => named('DBInstanceIdentifier', DbInstanceIdentifier)(one),
    not: ['BackupRetentionPeriod', 'PreferredBackupWindow', 'DBSnapshotIdentifier', 'RestoreTime'],
    // The same source in each template is no change; one that a deployment looks up may become another.
    complaint: ({ properties }) =>
      typeof properties.SourceDBInstanceIdentifier === 'string' ? undefined : 'its source may change at a deployment',
  },
  // Whether a machine runs is nothing that CloudFormation knows; but a new one of another model would run, and be empty.
  'ec2:startInstances': machines(),
  'ec2:stopInstances': machines(),
  // Commands run in a machine, by a document that is only ever read.
  'ssm:sendCommand': {
    type: 'AWS::SSM::Association',
    is: () => true,
    not: ['Name'],
  },
  // Objects and items: whatever writes them at a deployment would write over a workflow's.
  's3:putObject': writesAtDeployments(),
  'dynamodb:updateItem': { ...writesAtDeployments(), not: ['ImportSourceSpecification', 'ServiceToken'] },
};

function machines(): Kept {
  return {
    type: 'AWS::EC2::Instance',
    is: () => true,
    not: ['ImageId', 'InstanceType', 'UserData'],
    complaint: ({ properties }) =>
      /LatestVersionNumber|DefaultVersionNumber/.test(JSON.stringify(properties))
        ? 'a deployment with another launch template replaces it'
        : undefined,
  };
}

/** A custom resource, in which a deployment calls services itself. */
function writesAtDeployments(): Kept {
  return {
    type: '*',
    is: ({ type }) => type === 'AWS::DynamoDB::Table' || /CustomResource|^Custom::/.test(type),
    not: ['ServiceToken'],
  };
}

/** Types of which at least one has to be there, or the call would be about nothing of this template. */
const ABOUT_SOMETHING = ['AWS::AutoScaling::AutoScalingGroup', 'AWS::RDS::DBInstance', 'AWS::EC2::Instance'];

/** What a deployment would do to what these calls changed. */
export function takenBack(template: TemplateJson, calls: readonly SdkCall[]): readonly string[] {
  return calls.flatMap((call) => {
    const kept = KEPT[call.call];
    if (!kept) throw new Error(`nobody says what this call changes: ${call.call}`);
    const all = kept.type === '*' ? resourcesOf(template) : resourcesOfType(template, kept.type);
    const found = all.filter((one) => kept.is(one, call.parameters));
    if (found.length === 0 && ABOUT_SOMETHING.includes(kept.type))
      return [`${call.call}: of what is not in the template`];
    return found.flatMap((one) => [
      ...kept.not.filter((name) => name in one.properties).map((name) => `${one.id}: ${name} is the template's`),
      ...[kept.complaint?.(one, call, template)].flatMap((words) =>
        words === undefined ? [] : [`${one.id}: ${words}`],
      ),
    ]);
  });
}
