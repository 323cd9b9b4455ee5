import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { AwsNetwork } from '../contract/aws-tasks';
import { addFlowLog } from './flow-log';
import { answerFor } from './node-metadata';

type Isolated = Extract<AwsNetwork, { kind: 'isolated' }>;

export interface TaskNetworkProps {
  readonly network: AwsNetwork;
  readonly key: IKey;
  readonly logGroupName: string;
}

/** What a container needs to start and to speak: its image, its log, its secret, and the stores through the gateway. */
const ENDPOINTS = {
  'ecr-api': InterfaceVpcEndpointAwsService.ECR,
  'ecr-docker': InterfaceVpcEndpointAwsService.ECR_DOCKER,
  logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  secrets: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
} as const;

/**
 * Where containers run: two subnets without any way out but to the endpoints, or the network that the spec names. A
 * source that is not in this network is reached only from an existing one.
 */
export class TaskNetwork extends Construct {
  readonly vpc: IVpc;
  readonly subnetIds: readonly string[];
  readonly securityGroup: SecurityGroup;
  /** Where copy jobs run, which have to get out. @default - there are none, or the network that exists */
  readonly copies: { readonly subnetIds: readonly string[]; readonly securityGroup: SecurityGroup } | undefined;

  constructor(scope: Construct, id: string, props: TaskNetworkProps) {
    super(scope, id);
    const { network } = props;
    const own = network.kind === 'isolated' ? this.#isolated(network, props) : undefined;
    this.vpc = own ?? this.#existing(network);
    this.subnetIds =
      network.kind === 'existing' ? network.subnets : this.vpc.isolatedSubnets.map((one) => one.subnetId);
    this.securityGroup = new SecurityGroup(this, 'containers', {
      vpc: this.vpc,
      description: 'Containers of backup tasks: they are reached by nobody',
      allowAllOutbound: own === undefined,
    });
    this.copies = own && network.kind === 'isolated' && network.copies ? this.#copies(own) : undefined;
    if (own) this.#endpoints(own, network);
    answerFor(own ?? this.securityGroup, [network.id]);
  }

  #isolated({ cidr, copies }: Isolated, { key, logGroupName }: TaskNetworkProps): Vpc {
    const vpc = new Vpc(this, 'vpc', {
      ipAddresses: IpAddresses.cidr(cidr),
      maxAzs: 2,
      natGateways: 0,
      // The library would empty the default group by a function of its own; nothing uses the group.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
        // A copy job is given an address when it starts; nothing else is there.
        ...(copies
          ? [{ name: 'copies', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false }]
          : []),
      ],
    });
    addFlowLog(this, { vpc, logGroupName, key });
    return vpc;
  }

  #copies(vpc: Vpc) {
    const securityGroup = new SecurityGroup(this, 'copiers', {
      vpc,
      description: 'Copy jobs: they reach other clouds, and are reached by nobody',
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'HTTPS to the stores of other clouds');
    return { subnetIds: vpc.publicSubnets.map((one) => one.subnetId), securityGroup };
  }

  #existing(network: AwsNetwork): IVpc {
    if (network.kind !== 'existing') throw new Error('an isolated network is made, not imported');
    return Vpc.fromVpcAttributes(this, 'vpc', {
      vpcId: network.vpc,
      // Nothing here asks for zones, and subnets are named by their ids alone: the library would want their routes.
      availabilityZones: ['any'],
    });
  }

  #endpoints(vpc: Vpc, network: AwsNetwork): void {
    const reachable = new SecurityGroup(this, 'endpoints', {
      vpc,
      description: 'Endpoints of services: containers of backup tasks reach them',
      allowAllOutbound: false,
    });
    reachable.addIngressRule(this.securityGroup, Port.tcp(443), 'HTTPS from containers');
    // Names of services lead to these endpoints in all of the network, also from where there is another way.
    if (this.copies) reachable.addIngressRule(this.copies.securityGroup, Port.tcp(443), 'HTTPS from copy jobs');
    const { sessions, signing } = network.kind === 'isolated' ? network : {};
    const asked = {
      ...ENDPOINTS,
      ...(sessions && { tokens: InterfaceVpcEndpointAwsService.STS }),
      ...(signing && { keys: InterfaceVpcEndpointAwsService.KMS }),
    };
    for (const [name, service] of Object.entries(asked)) {
      vpc.addInterfaceEndpoint(name, { service, securityGroups: [reachable], open: false });
    }
    vpc.addGatewayEndpoint('s3', { service: GatewayVpcEndpointAwsService.S3 });
    this.securityGroup.addEgressRule(reachable, Port.tcp(443), 'HTTPS to the endpoints');
    // A gateway has no group; routes of the subnets lead to S3 and nowhere else.
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'HTTPS to S3 through the gateway');
  }
}
