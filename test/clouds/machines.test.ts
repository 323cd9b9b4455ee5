import { clouds } from '../../lib/clouds';
import type { CloudId } from '../../lib/clouds';

/** Machines of a database that we host ourselves, and the processors of instance types. */
test.each([
  ['aws', 'db.r5.large', 'r5.large'],
  ['aws', 'r5.large', 'r5.large'],
  ['azure', 'GP_Standard_D2s_v3', 'Standard_D2s_v3'],
  ['azure', 'B_Standard_B2ms', 'Standard_B2ms'],
  ['azure', 'Standard_D2s_v3', 'Standard_D2s_v3'],
  ['google', 'db-custom-2-8192', 'n2-custom-2-8192'],
  ['google', 'db-custom-2-8', 'n2-custom-2-8192'],
  ['google', 'db-custom-1-3840', 'n1-custom-1-3840'],
  ['google', 'db-perf-optimized-N-8', 'n2-highmem-8'],
  ['google', 'db-c4a-highmem-4', 'c4a-highmem-4'],
  ['google', 'db-n1-standard-4', 'n1-standard-4'],
  ['google', 'db-f1-micro', 'e2-micro'],
  ['google', 'n2-standard-4', 'n2-standard-4'],
] as const)('%s: %s is the machine %s', (cloud: CloudId, databaseClass, machine) => {
  expect(clouds[cloud].machineOf(databaseClass)).toBe(machine);
});

test.each([
  ['aws', 'arm64', ['m7g.large', 'c7gn.xlarge', 't4g.micro', 'a1.large', 'im4gn.large', 'x2gd.large', 'g5g.xlarge']],
  [
    'aws',
    'x86_64',
    ['c5.2xlarge', 'g5.xlarge', 'g4dn.xlarge', 'm7i-flex.large', 'r5.large', 'mac1.metal', 'i3en.large'],
  ],
  ['azure', 'arm64', ['Standard_D4ps_v5', 'Standard_E8pds_v6', 'Standard_B2pts_v2']],
  ['azure', 'x86_64', ['Standard_D4s_v3', 'Standard_E4as_v5', 'Standard_F8s_v2', 'Standard_DS2_v2']],
  ['google', 'arm64', ['t2a-standard-4', 'c4a-highmem-8']],
  ['google', 'x86_64', ['n2-standard-4', 'c4-standard-8', 'e2-micro', 't2d-standard-4']],
] as const)('%s: %s', (cloud: CloudId, architecture, types) => {
  expect(types.map((type) => [type, clouds[cloud].architectureOf(type)])).toEqual(
    types.map((type) => [type, architecture]),
  );
});

test.each(['aws', 'azure', 'google'] as const)(
  '%s: the default of a data volume, and what takes operations, are disk types',
  (cloud) => {
    const { diskTypes, diskTypesWithIops, defaultDiskType } = clouds[cloud];
    expect(diskTypes).toEqual(expect.arrayContaining([defaultDiskType, ...diskTypesWithIops]));
  },
);
