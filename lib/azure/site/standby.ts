import { LinuxVirtualMachine } from '@cdktf/provider-azurerm/lib/linux-virtual-machine';
import { ManagedDisk } from '@cdktf/provider-azurerm/lib/managed-disk';
import { NetworkInterface } from '@cdktf/provider-azurerm/lib/network-interface';
import { NetworkInterfaceBackendAddressPoolAssociation } from '@cdktf/provider-azurerm/lib/network-interface-backend-address-pool-association';
import { VirtualMachineDataDiskAttachment } from '@cdktf/provider-azurerm/lib/virtual-machine-data-disk-attachment';
import { Construct } from 'constructs';
import type { SiteDatabase } from '../../contract/site';
import { nodeComment, type ITerraformDependable } from '../../terraform';
import type { SiteBalancer } from './balancer';
import { takesIops, ultraOf, zoneOfDisk } from './disk';
import { placeOf } from './frame';
import type { SiteFrame } from './frame';
import type { SiteIdentity } from './identity';
import { access, HOST_ENCRYPTED, trustedLaunch, ubuntu } from './image';
import type { SiteNetwork } from './network';
import { databaseAddress } from './ranges';
import { customData } from './standby-machine';

export type DatabaseMachines = Extract<SiteDatabase, { kind: 'machines' }>;

/** Text that a machine runs as root at its first start, by its number from 0. */
export type Installer = (index: number) => string;

export interface SiteMachinesProps {
  readonly frame: SiteFrame;
  readonly database: DatabaseMachines;
  readonly network: SiteNetwork;
  readonly balancer: SiteBalancer;
  readonly identity: SiteIdentity;
  readonly installer: Installer;
  /** What has to be there before a machine starts. @default - nothing beside network and rights */
  readonly after?: readonly ITerraformDependable[];
}

/** Where a machine finds its data volume: `/dev/disk/azure/scsi1/lun0`, or as the one empty disk. */
const LUN = 0;

/**
 * Machines with a database, each in a zone of its own with a fixed address, so that the second finds the first. The data
 * lies on a volume of its own, which stays when a machine is made anew. What a machine was told at its first start is
 * not told again: new scripts reach it by `terraform apply -replace`, and no deployment touches a machine that serves.
 */
export class SiteMachines extends Construct {
  readonly machines: readonly LinuxVirtualMachine[];
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: SiteMachinesProps) {
    super(scope, id);
    const made = Array.from({ length: props.database.count }, (_, index) => this.#machine(props, index));
    this.machines = made.map(({ machine }) => machine);
    this.ready = made.map(({ attached }) => attached);
  }

  #machine(props: SiteMachinesProps, index: number) {
    const { frame, database, identity } = props;
    const { prefix } = frame.site;
    const { volume } = database;
    const word = `${index + 1}`;
    const name = `${prefix}-db-${word}`;
    const zone = frame.zones[index];
    const inZone = zone === undefined ? {} : { zone };
    const diskZone = zoneOfDisk(volume, zone);
    const disk = new ManagedDisk(this, `volume_${word}`, {
      ...placeOf(frame),
      ...(diskZone === undefined ? {} : { zone: diskZone }),
      name: `${name}-data`,
      createOption: 'Empty',
      storageAccountType: volume.type,
      diskSizeGb: volume.sizeGiB,
      ...(volume.iops !== undefined && takesIops(volume) && { diskIopsReadWrite: volume.iops }),
      publicNetworkAccessEnabled: false,
      networkAccessPolicy: 'DenyAll',
      lifecycle: { preventDestroy: true },
    });
    nodeComment(disk, [volume.id]);
    const { card, ready } = this.#card(props, index);
    const machine = new LinuxVirtualMachine(this, `machine_${word}`, {
      ...placeOf(frame),
      ...inZone,
      ...access(),
      ...trustedLaunch(database.architecture),
      ...ultraOf(volume),
      name,
      computerName: `db-${word}`,
      size: database.instanceType,
      networkInterfaceIds: [card.id],
      sourceImageReference: ubuntu(database.architecture),
      osDisk: { name: `${name}-os`, caching: 'ReadWrite', storageAccountType: 'StandardSSD_LRS' },
      identity: { type: 'UserAssigned', identityIds: [identity.id] },
      bootDiagnostics: {},
      // Security updates by itself; a new image would be a new machine.
      patchMode: 'ImageDefault',
      customData: customData(props.installer(index)),
      dependsOn: [...ready, ...identity.grants, ...(props.after ?? [])],
      lifecycle: { ignoreChanges: ['custom_data', 'source_image_reference', 'admin_ssh_key'] },
    });
    machine.addOverride('encryption_at_host_enabled', HOST_ENCRYPTED);
    nodeComment(machine, [database.id]);
    const attached = new VirtualMachineDataDiskAttachment(this, `attached_${word}`, {
      managedDiskId: disk.id,
      virtualMachineId: machine.id,
      lun: LUN,
      caching: 'None',
    });
    return { machine, attached };
  }

  #card({ frame, network, balancer }: SiteMachinesProps, index: number) {
    const { site } = frame;
    const word = `${index + 1}`;
    const card = new NetworkInterface(this, `card_${word}`, {
      ...placeOf(frame),
      name: `${site.prefix}-db-${word}`,
      ipConfiguration: [
        {
          name: 'private',
          primary: true,
          subnetId: network.database.id,
          privateIpAddressAllocation: 'Static',
          privateIpAddress: databaseAddress(site.network.cidr, index),
        },
      ],
    });
    if (!balancer.outbound) return { card, ready: network.ready };
    const out = new NetworkInterfaceBackendAddressPoolAssociation(this, `out_${word}`, {
      networkInterfaceId: card.id,
      ipConfigurationName: 'private',
      backendAddressPoolId: balancer.outbound.id,
    });
    return { card, ready: [...network.ready, ...balancer.ready, out] };
  }
}
