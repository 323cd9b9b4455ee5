import { ProtectionPlan, nodesOf } from '../../lib/plan';
import { ACME, SEED, compileFile, compileText, planned, spec } from './support';

/** Same spec and environment, same plan. In other zones, languages and folders: the suite `programs`. */
const ENVIRONMENT = {
  AWS_KMS_KEY_ID: 'alias/backups',
  AZURE_KEY_VAULT_URL: 'https://acme-vault.vault.azure.net',
  GCP_KMS_KEY: 'projects/acme-backup/locations/europe-west1/keyRings/a/cryptoKeys/b',
  OTHER: 'x',
};

describe.each([
  ['the seed', SEED],
  ['the second example', ACME],
])('the plan of %s', (_, file) => {
  const plan = planned(compileFile(file, { environment: ENVIRONMENT }));

  test('is byte for byte the same twice, and with the environment in another order', () => {
    const reversed = Object.fromEntries(Object.entries(ENVIRONMENT).reverse());
    expect(planned(compileFile(file, { environment: reversed }))).toEqual(plan);
    expect(JSON.stringify(planned(compileFile(file, { environment: reversed })))).toBe(JSON.stringify(plan));
  });

  test('does not know the day', () => {
    const later = planned(compileFile(file, { environment: ENVIRONMENT, today: '2031-12-31' }));
    expect(JSON.stringify(later)).toBe(JSON.stringify(plan));
  });

  test('is plain JSON of the published shape', () => {
    expect(ProtectionPlan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  });

  test('is frozen all the way down', () => {
    const open: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) open.push(path);
      for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`);
    };
    visit(plan, 'plan');
    expect(open).toEqual([]);
  });

  test('has ids that are unique, and nodes that come from paths of the spec, sorted', () => {
    const nodes = nodesOf(plan);
    expect(new Set(nodes.map((node) => node.id)).size).toBe(nodes.length);
    const unsorted = nodes.filter(({ from }) => JSON.stringify(from) !== JSON.stringify([...from].sort()));
    expect(unsorted.map((node) => node.id)).toEqual([]);
  });

  test('holds no path of this machine and no secret', () => {
    expect(JSON.stringify(plan)).not.toContain(process.cwd());
  });
});

test('what a secret variable holds is nowhere in the plan or in findings', () => {
  const text = spec({
    database: 'orders: { type: "pg_dump" storage: { s3: { bucket: "acme-own" region: "eu-west-1" path: "o/" } } }',
    rest: 'database { orders: { primary: { host: "db.example.com" username: env.DB_USER password: env.DB_PASSWORD } } }',
  });
  const { plan, diagnostics } = compileText(text, { environment: { DB_USER: 'joe', DB_PASSWORD: 'hunter2' } });
  expect(plan).toBeDefined();
  expect(JSON.stringify([plan, diagnostics.map(({ message, fix }) => [message, fix])])).not.toContain('hunter2');
});

test('the order of the text changes nothing but the places of findings', () => {
  const data = ['a', 'b', 'c'].map(
    (name) =>
      `${name}: { type: "pg_dump" storage: { s3: { bucket: "acme-${name}" region: "eu-west-1" path: "${name}/" } } }`,
  );
  const stores = [
    'gcp_storage: { bucket: "acme-gcs" location: "EU" }',
    'azure_blob: { storage_account: "acmeall" container: "backups" }',
    'aws_s3: { bucket: "acme-all" region: "eu-west-1" }',
  ];
  const text = (reverse: <T>(list: readonly T[]) => readonly T[]) =>
    spec({ database: reverse(data).join('\n'), cloud: reverse(stores).join('\n') });
  const one = planned(compileText(text((list) => list)));
  const other = planned(compileText(text((list) => [...list].reverse())));
  expect(JSON.stringify(other)).toBe(JSON.stringify(one));
});
