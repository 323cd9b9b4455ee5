import { RESTORER_PATH } from './record-key';

/** Names of what the tasks of a region share. They follow from the prefix, so that no stack reads another one's outputs. */
export function sharedNames(prefix: string) {
  return {
    cluster: `${prefix}-backup`,
    topic: `${prefix}-backup-failures`,
    table: `${prefix}-backup-starts`,
    key: `alias/${prefix}-backup-operations`,
    namespace: 'HypnoScript/Backup',
    /** Exports of the shared stack: ids that only the service can make. */
    exports: {
      /** Two, of the isolated network. */
      subnets: [`${prefix}-backup-subnet-1`, `${prefix}-backup-subnet-2`],
      securityGroup: `${prefix}-backup-security-group`,
      /** Two, with a way to other clouds. */
      copySubnets: [`${prefix}-backup-copy-subnet-1`, `${prefix}-backup-copy-subnet-2`],
      copySecurityGroup: `${prefix}-backup-copy-security-group`,
      key: `${prefix}-backup-operations-key`,
      recordKey: `${prefix}-backup-record-key`,
      fileSystem: `${prefix}-backup-file-system`,
    },
  };
}

/** Path of the roles of a shard. It names the region: roles are of none, and shards of two regions have one name. */
export function rolePathOf(region: string, shard: string): string {
  return `/hypnoscript/${region}/${shard}/`;
}

/** Paths of the roles of a region that restore for a test, in every shard: only these sign records. */
export function restorersOf(region: string, prefix: string): string {
  return rolePathOf(region, `${prefix}-backup-*`) + RESTORER_PATH + '*';
}
