import { CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import { CfnAutoScalingGroup, CfnScalingPolicy } from 'aws-cdk-lib/aws-autoscaling';
import { Fn, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { answerFor } from '../node-metadata';
import type { SiteBalancer } from './balancer';
import { METADATA, scratchDisk, systemDisk } from './disk';
import { writeSiteEnv } from '../../hosts/site-env';
import type { SiteFrame } from './frame';
import { SiteIdentity } from './identity';
import { imageOf } from './image';
import { siteTag } from './names';
import type { SiteNetwork } from './network';

export interface SiteComputeProps {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
  readonly balancer: SiteBalancer;
  /** Where the application finds its database. @default - it has none */
  readonly databaseHost?: string;
}

/** Percent of the processors at which a group with auto scaling grows. */
const LOAD = 60;

/**
 * The machines of the application. How many run is no business of the template: it names the least and the most, and an
 * activation raises the number between them. A deployment leaves that number alone, also one that names another image,
 * which only machines have that are started after it. Load adds machines and takes none away, so that the number never
 * falls below what an activation asked for. Whether a machine is healthy is what EC2 says: one that waits for its
 * database to be promoted is not replaced for that, and the balancer sends nothing there.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
 */
export class SiteCompute extends Construct {
  readonly groupName: string;
  readonly identity: SiteIdentity;

  constructor(scope: Construct, id: string, { frame, network, balancer, databaseHost }: SiteComputeProps) {
    super(scope, id);
    const { site, key } = frame;
    const { compute } = site;
    this.groupName = `${site.prefix}-machines`;
    this.identity = new SiteIdentity(this, 'identity', { description: 'Machines of a recovery site', statements: [] });
    const template = new CfnLaunchTemplate(this, 'template', {
      launchTemplateName: this.groupName,
      launchTemplateData: {
        imageId: imageOf(Stack.of(this), compute.architecture, compute.image),
        instanceType: compute.instanceType,
        iamInstanceProfile: { arn: this.identity.profile.attrArn },
        metadataOptions: METADATA,
        monitoring: { enabled: true },
        networkInterfaces: [
          {
            deviceIndex: 0,
            associatePublicIpAddress: network.publicAddress,
            groups: [network.groups.machines.securityGroupId],
            deleteOnTermination: true,
          },
        ],
        blockDeviceMappings: [
          systemDisk(key.keyArn),
          ...(compute.volume ? [scratchDisk(compute.volume, key.keyArn)] : []),
        ],
        ...(databaseHost !== undefined && { userData: Fn.base64(writeSiteEnv(databaseHost)) }),
        tagSpecifications: [{ resourceType: 'instance', tags: [{ key: 'Name', value: this.groupName }] }],
      },
    });
    answerFor(template, compute.volume ? [compute.volume.id] : [compute.id]);
    const group = new CfnAutoScalingGroup(this, 'Resource', {
      autoScalingGroupName: this.groupName,
      minSize: `${compute.asleep}`,
      maxSize: `${compute.active.most}`,
      vpcZoneIdentifier: network.machines.map(({ subnetId }) => subnetId),
      launchTemplate: { launchTemplateId: template.ref, version: template.attrLatestVersionNumber },
      targetGroupArns: [balancer.targets.ref],
      healthCheckType: 'EC2',
      healthCheckGracePeriod: 300,
      notificationConfigurations: [
        {
          topicArn: frame.topic.topicArn,
          notificationTypes: [
            'autoscaling:EC2_INSTANCE_LAUNCH',
            'autoscaling:EC2_INSTANCE_LAUNCH_ERROR',
            'autoscaling:EC2_INSTANCE_TERMINATE',
            'autoscaling:EC2_INSTANCE_TERMINATE_ERROR',
          ],
        },
      ],
      tags: [{ ...siteTag(site), propagateAtLaunch: true }],
    });
    // What an activation set is kept as long as the template's own numbers stay the same.
    group.cfnOptions.updatePolicy = { autoScalingScheduledAction: { ignoreUnmodifiedGroupSizeProperties: true } };
    answerFor(group, [compute.id]);
    if (compute.autoScaling) this.#grow(group);
  }

  #grow(group: CfnAutoScalingGroup): void {
    new CfnScalingPolicy(this, 'growth', {
      autoScalingGroupName: group.ref,
      policyType: 'TargetTrackingScaling',
      estimatedInstanceWarmup: 300,
      targetTrackingConfiguration: {
        predefinedMetricSpecification: { predefinedMetricType: 'ASGAverageCPUUtilization' },
        targetValue: LOAD,
        disableScaleIn: true,
      },
    });
  }
}
