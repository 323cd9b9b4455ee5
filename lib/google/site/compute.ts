import { ComputeInstanceTemplate } from '@cdktf/provider-google/lib/compute-instance-template';
import { ComputeRegionAutoscaler } from '@cdktf/provider-google/lib/compute-region-autoscaler';
import { ComputeRegionInstanceGroupManager } from '@cdktf/provider-google/lib/compute-region-instance-group-manager';
import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Construct } from 'constructs';
import type { SiteVolume } from '../../contract/site';
import { writeSiteEnv } from '../../hosts/site-env';
import { nodeComment } from '../../terraform';
import { bootDiskType, iopsOf } from './disk';
import type { SiteFrame } from './frame';
import { ACCESS, shielded, ubuntu } from './image';
import { accountId } from './names';
import { TAGS } from './network';
import type { SiteNetwork } from './network';
import type { SiteProbe } from './probe';

export interface SiteComputeProps {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
  readonly probe: SiteProbe;
  /** Where the application finds its database. @default - the site has none */
  readonly databaseHost: string | undefined;
}

/** An image with the application on it that does not answer for so long is made anew. */
const PATIENCE_SECONDS = 1800;
const BUSY = 0.6;
const START_SECONDS = 180;

/**
 * The machines of the application: a group over three zones whose size is of nobody's business here once it is made, so
 * that a deployment during an activation does not scale back. A new template is for machines that are made after it:
 * those that run are never changed under an application that just took over.
 * @see https://cloud.google.com/compute/docs/instance-groups/updating-migs#opportunistic_updates
 */
export class SiteCompute extends Construct {
  readonly group: ComputeRegionInstanceGroupManager;
  /** Grows and shrinks the group, where the spec asks for it. */
  readonly autoscaler: ComputeRegionAutoscaler | undefined;
  /** What the machines act as; it has no rights of ours. */
  readonly account: ServiceAccount;

  constructor(scope: Construct, id: string, props: SiteComputeProps) {
    super(scope, id);
    const { frame, probe } = props;
    const { site, zones } = frame;
    const { compute, prefix, region } = site;
    this.account = new ServiceAccount(this, 'account', {
      accountId: accountId(site, 'app'),
      displayName: `Machines of the recovery site ${site.name}`.slice(0, 100),
      dependsOn: frame.services,
    });
    this.group = new ComputeRegionInstanceGroupManager(this, 'Resource', {
      name: `${prefix}-app`,
      region,
      baseInstanceName: `${prefix}-app`,
      version: [{ instanceTemplate: this.#template(props).selfLinkUnique }],
      targetSize: compute.asleep,
      distributionPolicyZones: [...zones],
      updatePolicy: {
        type: 'OPPORTUNISTIC',
        minimalAction: 'REPLACE',
        // Of a group over zones either is none or at least as many as there are zones.
        maxSurgeFixed: zones.length,
        maxUnavailableFixed: 0,
      },
      ...(compute.image !== undefined && {
        autoHealingPolicies: { healthCheck: probe.healing.id, initialDelaySec: PATIENCE_SECONDS },
      }),
      waitForInstances: false,
      lifecycle: { ignoreChanges: ['target_size'] },
    });
    nodeComment(this.group, [compute.id]);
    this.autoscaler = compute.autoScaling ? this.#scale(frame) : undefined;
  }

  #template({ frame, network, databaseHost }: SiteComputeProps): ComputeInstanceTemplate {
    const { compute, prefix, region } = frame.site;
    const template = new ComputeInstanceTemplate(this, 'template', {
      namePrefix: `${prefix}-app-`,
      region,
      machineType: compute.instanceType,
      disk: [
        {
          boot: true,
          autoDelete: true,
          sourceImage: compute.image ?? ubuntu(compute.architecture),
          diskType: bootDiskType(compute.instanceType),
        },
        ...(compute.volume ? [scratchDisk(compute.volume)] : []),
      ],
      networkInterface: [{ subnetwork: network.machines.id }],
      tags: [TAGS.application],
      metadata: { ...ACCESS, ...(databaseHost !== undefined && { 'startup-script': writeSiteEnv(databaseHost) }) },
      serviceAccount: { email: this.account.email, scopes: ['cloud-platform'] },
      shieldedInstanceConfig: shielded(compute.architecture),
      dependsOn: [...network.ready],
      lifecycle: { createBeforeDestroy: true },
    });
    nodeComment(template, [compute.id, ...(compute.volume ? [compute.volume.id] : [])]);
    return template;
  }

  /**
   * Between what an active site has at least and at most, by how busy the machines are. Off while the site has fewer
   * than that: the activation switches it on, and the template leaves the switch alone.
   */
  #scale({ site }: SiteFrame): ComputeRegionAutoscaler {
    const { compute, prefix, region } = site;
    const { least, most } = compute.active;
    const scaler = new ComputeRegionAutoscaler(this, 'autoscaler', {
      name: `${prefix}-app`,
      region,
      target: this.group.id,
      autoscalingPolicy: {
        mode: compute.asleep >= least ? 'ON' : 'OFF',
        minReplicas: least,
        maxReplicas: most,
        cooldownPeriod: START_SECONDS,
        cpuUtilization: { target: BUSY },
      },
      lifecycle: { ignoreChanges: ['autoscaling_policy[0].mode'] },
    });
    nodeComment(scaler, [compute.id]);
    return scaler;
  }
}

/** The data volume of each machine, which goes with it. */
function scratchDisk(volume: SiteVolume) {
  return {
    deviceName: 'data',
    autoDelete: true,
    boot: false,
    diskType: volume.type,
    diskSizeGb: volume.sizeGiB,
    ...iopsOf(volume),
  };
}
