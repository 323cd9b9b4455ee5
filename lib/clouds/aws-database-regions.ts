/**
 * Families of classes that RDS has and does not offer in a region for PostgreSQL, MySQL or MariaDB, by AWS's published
 * prices as cfn-lint 1.51 has them. Families come to regions and leave none: what is listed may be there by now.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.RegionSupport.html
 */
const LACKING: ReadonlyMap<string, string> = new Map([
  [
    'af-south-1',
    'm3 m4 m6gd m6id m6idn m6in m7g m7i m8g m8gd r3 r4 r5b r6gd r6id r6idn r6in r7g r7i r8g r8gd t2 x2g x2idn x2iedn',
  ],
  ['ap-east-1', 'm3 m4 m6id m6idn m6in m7g m7i m8g m8gd r3 r4 r5b r6gd r6id r6idn r6in r7i r8gd t2 x2g x2idn x2iedn'],
  ['ap-east-2', 'm3 m4 m5 m5d m6idn m6in m8g m8gd r3 r4 r5 r5b r5d r6idn r6in r8g r8gd t2 x2g x2idn x2iedn'],
  ['ap-northeast-1', 'x2g x2idn x2iedn'],
  ['ap-northeast-2', 'm3 m6id m6idn m6in m8g m8gd r5b r6gd r6id r6idn r6in r8gd x2g x2idn x2iedn'],
  ['ap-northeast-3', 'm3 m6id m6idn m6in m7i m8g m8gd r3 r5b r6id r6idn r6in r7i r8gd x2g x2idn x2iedn'],
  ['ap-south-1', 'm3 m6id m6idn m6in m8g m8gd r5b r6id r6idn r6in r8gd x2g x2idn x2iedn'],
  [
    'ap-south-2',
    'm3 m4 m5d m6id m6idn m6in m7i m8gd r3 r4 r5b r5d r6gd r6i r6id r6idn r6in r7i r8g r8gd t2 x2g x2idn x2iedn',
  ],
  ['ap-southeast-1', 'm6id m6idn m6in m8g m8gd r6id r6idn r6in r8gd x2g x2idn x2iedn'],
  ['ap-southeast-2', 'm6idn m6in m8g m8gd r5b r6idn r6in r8gd x2g'],
  ['ap-southeast-3', 'm3 m4 m6id m6idn m6in m8g m8gd r3 r4 r5b r6i r6id r6idn r6in r8gd t2 x2g x2idn x2iedn'],
  [
    'ap-southeast-4',
    'm3 m4 m5d m6i m6id m6idn m6in m8g m8gd r3 r4 r5b r5d r6gd r6i r6id r6idn r6in r7g r7i r8g r8gd t2 x2g x2idn x2iedn',
  ],
  ['ap-southeast-5', 'm3 m4 m5 m5d m6idn m6in m8g m8gd r3 r4 r5 r5b r5d r6idn r6in r8g r8gd t2 x2g x2idn x2iedn'],
  ['ap-southeast-6', 'm3 m4 m5 m5d m6idn m6in m8g m8gd r3 r4 r5 r5b r5d r6gd r6idn r6in r8g r8gd t2 x2g x2idn x2iedn'],
  [
    'ap-southeast-7',
    'm3 m4 m5 m5d m6idn m6in m7i m8g m8gd r3 r4 r5 r5b r5d r6idn r6in r7i r8g r8gd t2 x2g x2idn x2iedn',
  ],
  ['ca-central-1', 'm3 m6id m6idn m6in m8g m8gd r3 r5b r6id r6idn r6in r8gd x2g'],
  [
    'ca-west-1',
    'm3 m4 m5 m5d m6idn m6in m7g m7i m8g m8gd r3 r4 r5 r5b r5d r6gd r6idn r6in r7i r8g r8gd t2 t4g x2g x2idn x2iedn',
  ],
  ['cn-north-1', 'm6gd m6i m6id m6idn m6in m7i m8g m8gd r5b r6i r6id r6idn r6in r7i r8g r8gd x2g x2idn x2iedn'],
  [
    'cn-northwest-1',
    'm3 m6gd m6i m6id m6idn m6in m7i m8g m8gd r3 r5b r6gd r6i r6id r6idn r6in r7i r8g r8gd x2g x2idn x2iedn',
  ],
  ['eu-central-1', 'm6idn m6in r6idn r6in x2g'],
  [
    'eu-central-2',
    'm3 m4 m5d m6i m6id m6idn m6in m7i m8g m8gd r3 r4 r5b r5d r6i r6id r6idn r6in r7i r8g r8gd t2 x2g x2idn x2iedn',
  ],
  ['eu-north-1', 'm3 m4 m6id m6idn m6in m8gd r3 r4 r5b r6gd r6id r6idn r6in r8gd t2 x2g'],
  ['eu-south-1', 'm3 m4 m6id m6idn m6in m7g m7i m8g m8gd r3 r4 r5b r6gd r6id r6idn r6in r8g r8gd t2 x2g'],
  ['eu-south-2', 'm3 m4 m5d m6i m6id m6idn m6in r3 r4 r5b r5d r6i r6id r6idn r6in t2 x2g x2idn x2iedn'],
  ['eu-west-1', 'm8gd r5b r8gd'],
  ['eu-west-2', 'm3 m6id m6idn m6in m8gd r3 r5b r6gd r6id r6idn r6in r8g r8gd x2g x2idn x2iedn'],
  ['eu-west-3', 'm3 m6id m6idn m6in m8g m8gd r3 r5b r6id r6idn r6in r7g r8g r8gd x2g x2idn x2iedn'],
  ['il-central-1', 'm3 m4 m5d m6id m6idn m6in m7i m8g m8gd r3 r4 r5b r5d r6idn r6in r7i r8g r8gd t2 x2g x2idn x2iedn'],
  [
    'me-central-1',
    'm3 m4 m6i m6id m6idn m6in m7i m8g m8gd r3 r4 r5b r6gd r6i r6id r6idn r6in r7g r7i r8g r8gd t2 x2g x2idn x2iedn',
  ],
  ['me-south-1', 'm3 m4 m6id m6idn m6in m7i m8g m8gd r3 r4 r5b r6gd r6id r6idn r6in r7i r8g r8gd t2 x2g x2idn x2iedn'],
  ['mx-central-1', 'm3 m4 m5 m5d m6idn m6in m8g m8gd r3 r4 r5 r5b r5d r6idn r6in r8g r8gd t2 x2g x2idn x2iedn'],
  ['sa-east-1', 'm6gd m6id m6idn m6in m8g m8gd r5b r6gd r6id r6idn r6in r8g r8gd x2g x2idn x2iedn'],
  ['us-east-1', 'x2idn'],
  ['us-east-2', 'm3 x2idn x2iedn'],
  ['us-gov-east-1', 'm3 m4 m5d m6id m6idn m6in m8g m8gd r3 r5b r5d r6i r6id r6idn r6in r8g r8gd x2g x2idn x2iedn'],
  ['us-gov-west-1', 'm5d m6id m6idn m6in m7g m8g m8gd r5b r5d r6i r6id r6idn r6in r8gd x2g x2idn x2iedn'],
  ['us-west-1', 'm6id m6idn m6in m8g m8gd r5b r6id r6idn r6in r8gd x2g x2idn x2iedn'],
  ['us-west-2', 'x2idn'],
]);

/** Whether a class such as db.r6i.large is of a family that RDS did not offer in a region. */
export function isLacking(region: string, databaseClass: string): boolean {
  const [, family = ''] = databaseClass.split('.');
  return (LACKING.get(region) ?? '').split(' ').includes(family);
}
