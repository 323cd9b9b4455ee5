import { compileText } from '../../support/spec-text';
import { findingsOf, placesOf } from '../../support/findings';
import { S3, smallSpec } from '../../support/small-spec';

const CLOUD = 'aws_s3: { bucket: "acme-copies" region: "eu-west-1" }';
const withBlocks = (blocks: string) => smallSpec({ cloud: CLOUD, blocks });

describe('names of data sets, stores, sites and functions', () => {
  test.each([
    withBlocks('deployment { tasks: { orders: { hard_stop: true } } }'),
    withBlocks('deployment { validation: { orders: { queries: ["SELECT 1"] } } }'),
    withBlocks('deployment { tiers: { orders: "important" } }'),
    withBlocks('deployment { immutability: { stores: { aws_s3: { mode: "off" } acme-backups: { mode: "off" } } } }'),
    withBlocks('database { orders: { primary: { host: "db.example.com" } } }'),
    smallSpec({ cloud: CLOUD, set: `type: "pg_dump" copies: ["aws_s3"] storage: { ${S3} }` }),
    'database { anything: { primary: { host: "db.example.com" } } }',
  ])('that the spec holds: %#', (text) => {
    expect(findingsOf(text, 'DR2030')).toEqual([]);
  });

  test.each([
    ['deployment { tasks: { order: { } } }', 'deployment.tasks.order: "order" is no data set of this spec'],
    [
      'deployment { validation: { order: { queries: ["SELECT 1"] } } }',
      'deployment.validation.order: "order" is no data set of this spec',
    ],
    [
      'deployment { tiers: { order: "important" } }',
      'deployment.tiers.order: "order" is no data set, site or function of this spec',
    ],
    [
      'deployment { immutability: { stores: { other: { } } } }',
      'deployment.immutability.stores.other: "other" is no store, bucket or container of this spec',
    ],
    [
      'database { order: { primary: { host: "db.example.com" } } }',
      'database.order: "order" is no database of this spec',
    ],
  ])('that it does not hold: %#', (blocks, finding) => {
    expect(findingsOf(withBlocks(blocks), 'DR2030')).toEqual([`DR2030 ${finding}`]);
  });

  test('that it does not hold: a copy, with the nearest store', () => {
    const text = smallSpec({ cloud: CLOUD, set: `type: "pg_dump" copies: ["aws_s3", "aws_s4"] storage: { ${S3} }` });
    const [finding] = compileText(text).diagnostics.filter((one) => one.code === 'DR2030');
    expect(finding).toMatchObject({ path: 'backup.database.orders.copies[1]', fix: 'did you mean "aws_s3"?' });
  });

  test('of a data set that was refused are not refused too', () => {
    const text = smallSpec({
      set: 'type: "pg_dump" storage: { s3: { bucket: "Not A Bucket" region: "eu-west-1" path: "x/" } }',
      blocks: 'deployment { tiers: { orders: "important" } tasks: { orders: { } } }',
    });
    expect(placesOf(text, 'DR2030', 'DR2002')).toEqual(['DR2002 backup.database.orders.storage.s3.bucket']);
  });
});

describe('people, teams and systems', () => {
  const scenario = (responsible: string) => `disaster_recovery { scenarios: { fire: {
    description: "fire" probability: "low" impact: "high"
    recovery_steps: [
      { step: 1 action: "act" estimated_time: "1h" responsible: "${responsible}" }
      { step: 2 action: "go on" estimated_time: "1h" responsible: "${responsible}" }
    ] } } }`;
  const team = `business_continuity { bc_teams: { crisis_team: {
    members: [{ name: "A. Example" role: "Technical Lead" contact: "a@example.com" }] } } }`;

  test.each([
    ['a team', `${scenario('crisis_team')}\n${team}`],
    ['a role of a member', `${scenario('technical_lead')}\n${team}`],
    ['a contact', `${scenario('dba')}\ndeployment { contacts: { dba: { email: "dba@example.com" } } }`],
  ])('resolve by %s', (_title, text) => {
    expect(findingsOf(text, 'DR2033')).toEqual([]);
  });

  test('that nothing defines are one warning a name, which lists the other places', () => {
    const at = 'disaster_recovery.scenarios.fire.recovery_steps';
    expect(findingsOf(scenario('dba'), 'DR2033')).toEqual([
      `DR2033 ${at}[0].responsible: no team, contact or role "dba" is defined; it is also named at ${at}[1].responsible`,
    ]);
  });

  test('contacts of an escalation and dependencies of a function count too', () => {
    const text = `business_continuity {
      critical_functions: { login: { priority: "critical" mtd: "2h" mbc: "1h" dependencies: ["login", "mail"] } }
      communication_plan: { escalation: { first: {
        duration: "1h" contacts: ["nobody"] notification_method: ["email"] } } }
    }`;
    expect(placesOf(text, 'DR2033')).toEqual([
      'DR2033 business_continuity.critical_functions.login.dependencies[1]',
      'DR2033 business_continuity.communication_plan.escalation.first.contacts[0]',
    ]);
  });
});
