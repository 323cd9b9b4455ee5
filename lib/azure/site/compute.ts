import { LinuxVirtualMachineScaleSet } from '@cdktf/provider-azurerm/lib/linux-virtual-machine-scale-set';
import { MonitorAutoscaleSetting } from '@cdktf/provider-azurerm/lib/monitor-autoscale-setting';
import { Construct } from 'constructs';
import type { SiteVolume } from '../../contract/site';
import { writeSiteEnv } from '../../hosts/site-env';
import { Fn, nodeComment } from '../../terraform';
import type { SiteBalancer } from './balancer';
import { takesIops, ultraOf } from './disk';
import { inZones, placeOf } from './frame';
import type { SiteFrame } from './frame';
import { access, HOST_ENCRYPTED, trustedLaunch, ubuntu } from './image';
import type { SiteNetwork } from './network';

export interface SiteComputeProps {
  readonly frame: SiteFrame;
  readonly network: SiteNetwork;
  readonly balancer: SiteBalancer;
  /** Where the application finds its database. @default - the site has none */
  readonly databaseHost: string | undefined;
}

/**
 * The machines of the application: a scale set whose size is of nobody's business here once it is made, so that a
 * deployment during an activation does not scale back. A new model is for machines that are made after it: those that
 * run are never changed under an application that just took over.
 * @see https://learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-orchestration-modes
 */
export class SiteCompute extends Construct {
  readonly machines: LinuxVirtualMachineScaleSet;
  /** Grows and shrinks the set, where the spec asks for it. */
  readonly autoscale: MonitorAutoscaleSetting | undefined;

  constructor(scope: Construct, id: string, { frame, network, balancer, databaseHost }: SiteComputeProps) {
    super(scope, id);
    const { site } = frame;
    const { compute, prefix } = site;
    const { image, volume } = compute;
    this.machines = new LinuxVirtualMachineScaleSet(this, 'Resource', {
      ...placeOf(frame),
      ...inZones(frame),
      ...access(),
      ...ultraOf(volume),
      name: `${prefix}-app`,
      computerNamePrefix: 'app-',
      sku: compute.instanceType,
      instances: compute.asleep,
      // As many as were asked for, also for a moment: data volumes are paid for by the disk.
      overprovision: false,
      // One group holds 100 machines, several hold more.
      singlePlacementGroup: false,
      // Spread over as many racks as there are in each zone.
      ...(frame.zones.length > 0 && { platformFaultDomainCount: 1 }),
      upgradeMode: 'Manual',
      healthProbeId: balancer.probe.id,
      osDisk: { caching: 'ReadWrite', storageAccountType: 'StandardSSD_LRS' },
      bootDiagnostics: {},
      ...(databaseHost !== undefined && { customData: Fn.base64encode(writeSiteEnv(databaseHost)) }),
      ...(image === undefined
        ? { sourceImageReference: ubuntu(compute.architecture), ...trustedLaunch(compute.architecture) }
        : { sourceImageId: image, ...repair }),
      ...(volume && { dataDisk: [scratchDisk(volume)] }),
      networkInterface: [
        {
          name: 'private',
          primary: true,
          ipConfiguration: [
            {
              name: 'private',
              primary: true,
              subnetId: network.machines.id,
              loadBalancerBackendAddressPoolIds: [balancer.pool.id],
            },
          ],
        },
      ],
      dependsOn: [...network.ready, ...balancer.ready],
      lifecycle: { ignoreChanges: ['instances'] },
    });
    this.machines.addOverride('encryption_at_host_enabled', HOST_ENCRYPTED);
    nodeComment(this.machines, [compute.id, ...(volume ? [volume.id] : [])]);
    this.autoscale = compute.autoScaling ? this.#scale(frame) : undefined;
  }

  /**
   * Between what an active site has at least and at most, by how busy the machines are. Off while the site has fewer
   * than that: the activation switches it on, and the template leaves the switch alone.
   */
  #scale(frame: SiteFrame): MonitorAutoscaleSetting {
    const { compute, prefix } = frame.site;
    const setting = new MonitorAutoscaleSetting(this, 'autoscale', {
      ...placeOf(frame),
      name: `${prefix}-app`,
      targetResourceId: this.machines.id,
      enabled: compute.asleep >= compute.active.least,
      profile: [
        {
          name: 'load',
          capacity: { default: compute.active.least, minimum: compute.active.least, maximum: compute.active.most },
          rule: [this.#rule('GreaterThan', 70, 'Increase'), this.#rule('LessThan', 25, 'Decrease')],
        },
      ],
      lifecycle: { ignoreChanges: ['enabled'] },
    });
    nodeComment(setting, [compute.id]);
    return setting;
  }

  #rule(operator: string, threshold: number, direction: string) {
    return {
      metricTrigger: {
        metricName: 'Percentage CPU',
        metricResourceId: this.machines.id,
        operator,
        threshold,
        statistic: 'Average',
        timeAggregation: 'Average',
        timeGrain: 'PT1M',
        timeWindow: 'PT5M',
      },
      scaleAction: { direction, type: 'ChangeCount', value: 1, cooldown: 'PT5M' },
    };
  }
}

/** Machines of an image with the application on it are replaced when they do not answer; a bare one never answers. */
const repair = { automaticInstanceRepair: { enabled: true, gracePeriod: 'PT30M', action: 'Replace' } } as const;

/** The data volume of each machine, which goes with it. */
function scratchDisk(volume: SiteVolume) {
  return {
    lun: 0,
    caching: 'None',
    createOption: 'Empty',
    diskSizeGb: volume.sizeGiB,
    storageAccountType: volume.type,
    ...(volume.iops !== undefined && takesIops(volume) && { ultraSsdDiskIopsReadWrite: volume.iops }),
  };
}
