import { EC2_SIZES } from './aws-instances';
import type { Architecture, NameRule } from './cloud';
import { KNOWN, UNKNOWN, malformed } from './name-rule';
import { hasSize, sizeTable } from './size-table';

const TABLE = sizeTable(EC2_SIZES);
const PATTERN = /^([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\.(nano|micro|small|medium|large|\d{0,3}xlarge|metal(?:-\d+xl)?)$/;

/** @see https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html */
export const ec2InstanceTypes: NameRule = {
  text: 'an EC2 instance type: a family and a size, such as c5.2xlarge',
  source: 'https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html',
  judge(name) {
    const match = PATTERN.exec(name);
    if (!match) return malformed('is not written like an EC2 instance type (c5.2xlarge)');
    return hasSize(TABLE, match[1] ?? '', match[2] ?? '') ? KNOWN : UNKNOWN;
  },
};

/**
 * Graviton has a "g" after the generation; a1 is the first of them.
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
export function ec2Architecture(instanceType: string): Architecture {
  return /^(a1|[a-z]+\d+[a-z]*g[a-z]*)\./.test(instanceType) ? 'arm64' : 'x86_64';
}
