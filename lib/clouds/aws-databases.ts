import { ec2InstanceTypes } from './aws-instance-types';
import type { DatabaseEngine, DatabaseHosting, NameRule } from './cloud';
import { KNOWN, UNKNOWN, malformed } from './name-rule';
import type { SizeRow } from './size-table';
import { hasSize, sizeTable } from './size-table';

const SOURCE = 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html';
const PATTERN = /^db\.([a-z][a-z0-9]*)\.(micro|small|medium|large|\d{0,3}xlarge|metal(?:-\d+xl)?)$/;

const TO_16 = 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge';
const TO_24 = `${TO_16} 24xlarge`;
const TO_32 = `${TO_24} 32xlarge`;

/** Classes of the open-source engines. @see SOURCE, "Supported DB engines for DB instance classes" */
const OPEN_SOURCE: readonly SizeRow[] = [
  ['medium large xlarge 2xlarge', 'm3'],
  ['large xlarge 2xlarge 4xlarge 10xlarge 16xlarge', 'm4'],
  [TO_24, 'm5 m5d r5 r5b r5d'],
  [TO_16, 'm6g m6gd m7g r6g r6gd r7g x2g'],
  [TO_32, 'm6i m6id m6idn m6in r6i r6id r6idn r6in'],
  [`${TO_24} 48xlarge`, 'm7i m8g m8gd r7i r8g r8gd'],
  ['large xlarge 2xlarge 4xlarge 8xlarge', 'r3'],
  ['large xlarge 2xlarge 4xlarge 8xlarge 16xlarge', 'r4'],
  ['micro small medium large xlarge 2xlarge', 't2 t3 t4g'],
  ['16xlarge 24xlarge 32xlarge', 'x2idn'],
  ['xlarge 2xlarge 4xlarge 8xlarge 16xlarge 24xlarge 32xlarge', 'x2iedn'],
];

/** SQL Server runs on Intel and AMD only: no Graviton (`g`) family. */
const SQL_SERVER: readonly SizeRow[] = [
  ['medium large', 'm3'],
  ['large xlarge 2xlarge 4xlarge 10xlarge 16xlarge', 'm4'],
  [TO_24, 'm5 m5d r5 r5b r5d'],
  [TO_32, 'm6i r6i'],
  [`${TO_24} 48xlarge`, 'm7i r7i'],
  [TO_16, 'm8a r8a'],
  [`${TO_32} 48xlarge 96xlarge`, 'm8i r8i'],
  ['large xlarge', 'r3'],
  ['large xlarge 2xlarge 4xlarge 8xlarge 16xlarge', 'r4'],
  ['micro small medium', 't2'],
  ['micro small medium large xlarge 2xlarge', 't3'],
  ['16xlarge 32xlarge', 'x1'],
  ['xlarge 2xlarge 4xlarge 8xlarge 16xlarge 32xlarge', 'x1e'],
  ['xlarge 2xlarge 4xlarge 8xlarge 16xlarge 24xlarge 32xlarge', 'x2iedn'],
  ['large xlarge 2xlarge 3xlarge 6xlarge 12xlarge', 'z1d'],
];

function rdsClasses(rows: readonly SizeRow[]): NameRule {
  const table = sizeTable(rows);
  return {
    text: 'a class of RDS: db, a family and a size, such as db.r5.large',
    source: SOURCE,
    judge(name) {
      const match = PATTERN.exec(name);
      if (match) return hasSize(table, match[1] ?? '', match[2] ?? '') ? KNOWN : UNKNOWN;
      if (ec2InstanceTypes.judge(name).kind !== 'malformed') {
        return malformed(`is an EC2 instance type, the class of RDS is written db.${name}`);
      }
      return malformed('is not written like a class of RDS (db.r5.large)');
    },
  };
}

const openSource = rdsClasses(OPEN_SOURCE);

export const rdsDatabaseClasses: Readonly<Record<DatabaseEngine, NameRule>> = {
  postgresql: openSource,
  mysql: openSource,
  mariadb: openSource,
  sqlserver: rdsClasses(SQL_SERVER),
};

export function rdsHosting(databaseClass: string): DatabaseHosting {
  return databaseClass.startsWith('db.') ? 'managed' : 'machine';
}

/** Classes of RDS are instance types of EC2 with `db.` before them. */
export function ec2TypeOf(databaseClass: string): string {
  return databaseClass.replace(/^db\./, '');
}
