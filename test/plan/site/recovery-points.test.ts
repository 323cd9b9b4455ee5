import { AWS_STORE, compileText, database, s3, spec } from '../support';
import { site } from './support';

/** What DR3070 proposes for a daily PostgreSQL that may lose 15 minutes, beside these sites. */
function proposed(sites: string, primary = ''): string | undefined {
  const compiled = compileText(
    spec({
      database: database('orders', s3('acme-orders', 'orders/')),
      cloud: AWS_STORE,
      rest: `disaster_recovery { objectives: { rpo: { critical_data: "15m" } } dr_sites: { ${sites} } } ${primary}`,
    }),
  );
  return compiled.diagnostics.find(({ code }) => code === 'DR3070')?.fix;
}

const HOST = 'database { orders: { primary: { host: "db.example.com" username: "u" password: env.P } } }';

test('a site that follows is no recovery point, and what it is for is said', () => {
  expect(proposed(site('hot'), HOST)).toBe(
    '"hot" has it where the place of the source is lost, and what is deleted or encrypted there too: for that back up more often, or give "orders" another tier in deployment.tiers',
  );
  expect(proposed(site('hot') + site('warm', { method: 'log_shipping' }), HOST)).toMatch(/^"hot" and "warm" have it/);
});

test('one that follows nobody yet, or is restored from backups, changes nothing', () => {
  const plain = 'back up more often, replicate the data, or give "orders" another tier in deployment.tiers';
  expect(proposed(site('hot'))).toBe(plain);
  expect(proposed(site('cold', { method: 'backup_restore' }), HOST)).toBe(plain);
  expect(proposed('', HOST)).toBe(plain);
});
