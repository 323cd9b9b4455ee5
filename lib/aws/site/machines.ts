import { CfnParameter, CfnCondition, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnInstance, CfnLaunchTemplate, CfnVolume, CfnVolumeAttachment } from 'aws-cdk-lib/aws-ec2';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { SiteDatabase } from '../../contract/site';
import { scriptAsset } from '../manifest-asset';
import { answerFor } from '../node-metadata';
import { DATA_DEVICE, METADATA, systemDisk } from './disk';
import type { Delivered } from './first-start';
import { renderFirstStart } from './first-start';
import type { SiteFrame } from './frame';
import { fetching } from './identity';
import type { SiteIdentity } from './identity';
import { imageOf } from './image';
import type { SiteNetwork } from './network';
import { siteTag } from './names';
import { databaseAddress } from './ranges';

export type DatabaseMachines = Extract<SiteDatabase, { kind: 'machines' }>;

export interface SiteMachinesProps {
  readonly frame: SiteFrame;
  readonly database: DatabaseMachines;
  readonly network: SiteNetwork;
  readonly identity: SiteIdentity;
  /** Script that sets up a machine, by its number from 0; `{account}` in it is the account. */
  readonly installer: (index: number) => string;
  /** What it finds besides. */
  readonly files: readonly { readonly asset: Asset; readonly sha256: string; readonly path: string }[];
  /** GiB of the system's disk. */
  readonly systemGiB: number;
}

const INSTALLER = '/var/lib/hypnoscript-dr/install.sh';
const REMOVED = 'removed';

/**
 * Machines with a database, each in a zone of its own at a fixed address, so that the second finds the first. The data
 * lies on a volume of its own, which stays when a machine is made anew. No deployment touches a machine that is there:
 * it is made of one version of its template, whatever image or script is newer. Its owner asks for another version, in
 * two deployments (`DatabaseMachines`), since two machines have neither one address nor one volume.
 */
export class SiteMachines extends Construct {
  readonly instances: readonly CfnInstance[];
  readonly volumes: readonly CfnVolume[];
  readonly addresses: readonly string[];

  constructor(scope: Construct, id: string, props: SiteMachinesProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const version = new CfnParameter(stack, 'DatabaseMachines', {
      type: 'String',
      default: '1',
      allowedPattern: `^(${REMOVED}|[1-9][0-9]{0,4})$`,
      description:
        'Version of their launch template that database machines are made of. To make them anew, deploy with "removed", which keeps address and volume, then with the newest version; never while the site is active',
    });
    const present = new CfnCondition(stack, 'DatabaseMachinesPresent', {
      expression: Fn.conditionNot(Fn.conditionEquals(version.valueAsString, REMOVED)),
    });
    const made = Array.from({ length: props.database.count }, (_, index) =>
      this.#machine(props, index, version.valueAsString, present),
    );
    this.instances = made.map(({ instance }) => instance);
    this.volumes = made.map(({ volume }) => volume);
    this.addresses = made.map(({ address }) => address);
  }

  #machine(
    { frame, database, network, identity, installer, files, systemGiB }: SiteMachinesProps,
    index: number,
    version: string,
    present: CfnCondition,
  ) {
    const { site, key } = frame;
    const stack = Stack.of(this);
    const subnet = network.database[index];
    if (!subnet) throw new Error(`no zone for database machine ${index + 1}`);
    const name = `${site.prefix}-db-${index + 1}`;
    const script = scriptAsset(this, `install-${index + 1}`, installer(index));
    identity.role.addToPolicy(fetching(script.asset));
    const delivered: Delivered[] = [
      ...files.map(({ asset, sha256, path }) => ({ url: asset.httpUrl, sha256, path })),
      { url: script.asset.httpUrl, sha256: script.sha256, path: INSTALLER },
    ];
    const lines = renderFirstStart({
      region: site.region,
      account: stack.account,
      files: delivered,
      installer: INSTALLER,
    });
    const template = new CfnLaunchTemplate(this, `template-${index + 1}`, {
      launchTemplateName: name,
      launchTemplateData: {
        imageId: imageOf(stack, database.architecture),
        instanceType: database.instanceType,
        iamInstanceProfile: { arn: identity.profile.attrArn },
        metadataOptions: METADATA,
        monitoring: { enabled: true },
        ebsOptimized: true,
        instanceInitiatedShutdownBehavior: 'stop',
        blockDeviceMappings: [systemDisk(key.keyArn, systemGiB)],
        userData: Fn.base64(`${lines.join('\n')}\n`),
      },
    });
    const volume = new CfnVolume(this, `volume-${index + 1}`, {
      availabilityZone: subnet.availabilityZone,
      encrypted: true,
      kmsKeyId: key.keyArn,
      volumeType: database.volume.type,
      size: database.volume.sizeGiB,
      ...(database.volume.iops !== undefined && { iops: database.volume.iops }),
      tags: [{ key: 'Name', value: name }],
    });
    volume.applyRemovalPolicy(RemovalPolicy.RETAIN);
    answerFor(volume, [database.volume.id]);
    const address = databaseAddress(site.network.cidr, site.region, index);
    const instance = new CfnInstance(this, `machine-${index + 1}`, {
      launchTemplate: { launchTemplateId: template.ref, version },
      networkInterfaces: [
        {
          deviceIndex: '0',
          subnetId: subnet.subnetId,
          groupSet: [network.groups.database.securityGroupId],
          privateIpAddress: address,
          associatePublicIpAddress: network.publicAddress,
        },
      ],
      tags: [{ key: 'Name', value: name }, siteTag(site), { key: 'hypnoscript:database', value: `${index + 1}` }],
    });
    instance.cfnOptions.condition = present;
    instance.node.addDependency(network.vpc.internetConnectivityEstablished);
    answerFor(instance, [database.id]);
    const attachment = new CfnVolumeAttachment(this, `attachment-${index + 1}`, {
      device: DATA_DEVICE,
      instanceId: instance.ref,
      volumeId: volume.ref,
    });
    attachment.cfnOptions.condition = present;
    this.#update(name, index, lines);
    return { instance, volume, address };
  }

  /** Scripts of a newer deployment reach a machine that is there when its owner says so. */
  #update(name: string, index: number, lines: readonly string[]): void {
    new CfnDocument(this, `update-${index + 1}`, {
      name: `${name}-update`,
      documentType: 'Command',
      documentFormat: 'JSON',
      updateMethod: 'NewVersion',
      content: {
        schemaVersion: '2.2',
        description: 'Gives the database machine the scripts of the last deployment; nothing that runs is stopped',
        mainSteps: [
          {
            action: 'aws:runShellScript',
            name: 'update',
            precondition: { StringEquals: ['platformType', 'Linux'] },
            inputs: { timeoutSeconds: '900', runCommand: [...lines] },
          },
        ],
      },
    });
  }
}
