import { ComputeDisk } from '@cdktf/provider-google/lib/compute-disk';
import { ComputeInstance } from '@cdktf/provider-google/lib/compute-instance';
import { Construct } from 'constructs';
import type { SiteDatabase } from '../../contract/site';
import { nodeComment, type ITerraformDependable } from '../../terraform';
import { bootDiskType, iopsOf } from './disk';
import type { SiteFrame } from './frame';
import type { SiteIdentity } from './identity';
import { ACCESS, shielded, ubuntu } from './image';
import { TAGS } from './network';
import type { SiteNetwork } from './network';
import { databaseAddress } from './ranges';

export type DatabaseMachines = Extract<SiteDatabase, { kind: 'machines' }>;

export interface SiteMachinesProps {
  readonly frame: SiteFrame;
  readonly database: DatabaseMachines;
  readonly network: SiteNetwork;
  readonly identity: SiteIdentity;
  /** Text that a machine runs as root at each start, by its number from 0, as Terraform takes it. */
  readonly installer: (index: number) => string;
  /** What has to be there before a machine starts. @default - nothing beside network and rights */
  readonly after?: readonly ITerraformDependable[];
}

/** Metadata that an activation writes, and a deployment leaves alone. */
export const ACTIVATION_KEY = 'hypdr-activation';

/**
 * Machines with a database, each in a zone of its own with a fixed address, so that the second finds the first. The data
 * lies on a volume of its own, which stays when a machine is made anew. New scripts are metadata: a machine takes them at
 * its next start, and no deployment stops one that serves.
 */
export class SiteMachines extends Construct {
  readonly machines: readonly ComputeInstance[];

  constructor(scope: Construct, id: string, props: SiteMachinesProps) {
    super(scope, id);
    this.machines = Array.from({ length: props.database.count }, (_, index) => this.#machine(props, index));
  }

  #machine({ frame, database, network, identity, installer, after = [] }: SiteMachinesProps, index: number) {
    const { site, zones } = frame;
    const { prefix } = site;
    const { volume, instanceType, architecture } = database;
    const word = `${index + 1}`;
    const name = `${prefix}-db-${word}`;
    const zone = zones[index];
    if (zone === undefined) throw new Error(`${site.region} has no zone for machine ${word}`);
    const disk = new ComputeDisk(this, `volume_${word}`, {
      name: `${name}-data`,
      zone,
      type: volume.type,
      size: volume.sizeGiB,
      ...iopsOf(volume),
      dependsOn: frame.services,
      lifecycle: { preventDestroy: true },
    });
    nodeComment(disk, [volume.id]);
    const machine = new ComputeInstance(this, `machine_${word}`, {
      name,
      zone,
      machineType: instanceType,
      bootDisk: {
        autoDelete: true,
        initializeParams: { image: ubuntu(architecture), type: bootDiskType(instanceType) },
      },
      attachedDisk: [{ source: disk.id, deviceName: 'data', mode: 'READ_WRITE' }],
      networkInterface: [{ subnetwork: network.database.id, networkIp: databaseAddress(site.network.cidr, index) }],
      tags: [TAGS.database],
      metadata: {
        ...ACCESS,
        'enable-guest-attributes': 'TRUE',
        // Numbers that it writes to its console are lines of Cloud Logging.
        'serial-port-logging-enable': 'TRUE',
        'startup-script': installer(index),
      },
      serviceAccount: { email: identity.account.email, scopes: ['cloud-platform'] },
      shieldedInstanceConfig: shielded(architecture),
      deletionProtection: true,
      allowStoppingForUpdate: false,
      dependsOn: [...network.ready, ...identity.grants, ...after],
      lifecycle: {
        ignoreChanges: [`metadata["${ACTIVATION_KEY}"]`, 'desired_status', 'boot_disk[0].initialize_params[0].image'],
      },
    });
    nodeComment(machine, [database.id]);
    return machine;
  }
}
