import { clouds } from '../../lib/clouds';
import { judged } from './judge';

test.each([
  ['c5.2xlarge', 'known'],
  ['m6i.metal', 'known'],
  ['m7g.medium', 'known'],
  ['t4g.nano', 'known'],
  ['m7i-flex.large', 'known'],
  ['m7i.metal-48xl', 'known'],
  ['u7in-24tb.224xlarge', 'known'],
  ['mac2-m2pro.metal', 'known'],
  ['c5.3xlarge', 'unknown'],
  ['c99.large', 'unknown'],
  ['c5', 'is not written like an EC2 instance type (c5.2xlarge)'],
  ['c5.huge', 'is not written like an EC2 instance type (c5.2xlarge)'],
  ['C5.large', 'is not written like an EC2 instance type (c5.2xlarge)'],
  ['Standard_D4s_v3', 'is not written like an EC2 instance type (c5.2xlarge)'],
  ['n2-standard-4', 'is not written like an EC2 instance type (c5.2xlarge)'],
])('EC2 judges %p as %p', (name, verdict) => expect(judged(clouds.aws.instanceTypes, name)).toBe(verdict));

const UNLIKE_AZURE = 'is not written like a size of an Azure virtual machine (Standard_D4s_v3)';

test.each([
  ['Standard_D4s_v3', 'known'],
  ['Standard_D2s_v3', 'known'],
  ['Standard_B2ms', 'known'],
  ['Standard_E8-4s_v5', 'known'],
  ['Standard_E8-2s_v3', 'known'],
  ['Standard_E8-8s_v3', 'unknown'],
  ['Standard_D8-4s_v5', 'unknown'],
  ['Standard_D3s_v3', 'unknown'],
  ['Standard_D4s_v9', 'unknown'],
  ['Standard_NC24ads_A100_v4', 'unknown'],
  ['Standard_M416s_8_v2', 'unknown'],
  ['D4s_v3', 'is written Standard_D4s_v3'],
  ['standard_D4s_v3', 'is written Standard_D4s_v3'],
  ['Standard_d4s_v3', UNLIKE_AZURE],
  ['Standard_D', UNLIKE_AZURE],
  ['GP_Standard_D2s_v3', UNLIKE_AZURE],
  ['c5.2xlarge', UNLIKE_AZURE],
  ['n2-standard-4', UNLIKE_AZURE],
])('Azure judges %p as %p', (name, verdict) => expect(judged(clouds.azure.instanceTypes, name)).toBe(verdict));

const UNLIKE_GOOGLE = 'is not written like a machine type (n2-standard-4)';

test.each([
  ['n2-standard-4', 'known'],
  ['n1-highcpu-96', 'known'],
  ['e2-medium', 'known'],
  ['f1-micro', 'known'],
  ['t2d-standard-60', 'known'],
  ['c3-standard-8-lssd', 'known'],
  ['m1-megamem-96', 'known'],
  ['a2-highgpu-1g', 'known'],
  ['n2-standard-3', 'unknown'],
  ['n9-standard-4', 'unknown'],
  ['n2-custom-4-8192', 'known'],
  ['custom-2-7680', 'known'],
  ['n2-custom-4-65536-ext', 'known'],
  ['c9-custom-4-8192', 'unknown'],
  ['n2-custom-4-65536', 'asks for 16 GB for each vCPU, n2 has 0.5 to 8'],
  ['n2-custom-4-1024', 'asks for 0.25 GB for each vCPU, n2 has 0.5 to 8'],
  ['n2-custom-3-8192', 'asks for 3 vCPUs, needs 1 or an even number'],
  ['n2-custom-4-8', 'asks for 8 MB, which is no multiple of 256 MB'],
  ['e2-custom-64-65536', 'asks for 64 vCPUs, e2 has at most 32'],
  ['n2-standard-', UNLIKE_GOOGLE],
  ['N2-standard-4', UNLIKE_GOOGLE],
  ['c5.2xlarge', UNLIKE_GOOGLE],
  ['Standard_D4s_v3', UNLIKE_GOOGLE],
])('Compute Engine judges %p as %p', (name, verdict) => {
  expect(judged(clouds.google.instanceTypes, name)).toBe(verdict);
});

test.each([
  ['aws', 'gp3'],
  ['azure', 'PremiumV2_LRS'],
  ['google', 'hyperdisk-balanced'],
] as const)('%s alone has the disk type %p', (id, type) => {
  const owners = Object.values(clouds).filter(({ diskTypes }) => diskTypes.includes(type));
  expect(owners.map((cloud) => cloud.id)).toEqual([id]);
});
