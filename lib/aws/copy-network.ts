import { Fn } from 'aws-cdk-lib';
import type { AwsTaskShard } from '../contract/aws-tasks';
import type { CopyNetwork } from './task-machine-names';
import { sharedNames } from './task-names';

/**
 * Where the copy jobs of a shard run: subnets of the shared stack with a way to other clouds, where a container has an
 * address of its own, or the subnets that exist, whose owner decides what they reach. `undefined` without such jobs.
 */
export function copyNetworkOf({ prefix, subnets, tasks }: AwsTaskShard): CopyNetwork | undefined {
  if (tasks.every(({ reads }) => reads.length === 0)) return undefined;
  const { exports } = sharedNames(prefix);
  if (subnets) return { subnets, securityGroup: Fn.importValue(exports.securityGroup), publicAddress: false };
  return {
    subnets: exports.copySubnets.map((name) => Fn.importValue(name)),
    securityGroup: Fn.importValue(exports.copySecurityGroup),
    publicAddress: true,
  };
}
