import { need } from '../../plan/support';
import { readerStack } from '../../google/readers';
import { inTerraform } from './terraform';

/** What Terraform says of the values that a reader of Google is told, and whom its providers let in by them. */
jest.setTimeout(120_000);

const TENANT = '22222222-0000-4000-8000-000000000000';
const ISSUER = `https://${TENANT}.tokens.sts.global.api.aws`;
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const GOOD: Readonly<Record<string, unknown>> = {
  aws_copier_issuer: ISSUER,
  aws_copier_subjects: [role('copies-b'), role('copies-a')],
  azure_copier_tenant_id: TENANT,
  azure_copier_subjects: ['11111111-2222-3333-4444-555555555555'],
};

interface Template {
  readonly variable: Readonly<Record<string, object>>;
  readonly resource: Readonly<Record<string, Readonly<Record<string, Provider>>>>;
}
interface Provider {
  readonly attribute_condition: string;
  readonly count: string;
  readonly oidc: { readonly issuer_uri: string; readonly allowed_audiences?: readonly string[] };
}

const template = readerStack().template as unknown as Template;
const providers = Object.values(template.resource.google_iam_workload_identity_pool_provider ?? {});
const [onAws, onAzure] = ['jobs-on-aws', 'jobs-on-azure'].map((id) =>
  need(
    providers.find((one) => JSON.stringify(one).includes(`"${id}"`)),
    id,
  ),
) as [Provider, Provider];

/** The variables, and what is made of them, as Terraform computes it. */
const FILE = {
  variable: template.variable,
  output: Object.fromEntries(
    Object.entries({ onAws, onAzure }).map(([name, { attribute_condition, count, oidc }]) => [
      name,
      {
        value: {
          condition: attribute_condition,
          count,
          issuer: oidc.issuer_uri,
          audiences: oidc.allowed_audiences ?? [],
        },
      },
    ]),
  ),
};

interface Computed {
  readonly condition: string;
  readonly count: number;
  readonly issuer: string;
  readonly audiences: readonly string[];
}

function planned(values: Readonly<Record<string, unknown>>): { refused: string; onAws?: Computed; onAzure?: Computed } {
  const given = Object.entries(values).map(
    ([name, value]) => `-var=${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return inTerraform(FILE, (run) => {
    const applied = run(['apply', '-auto-approve', '-input=false', '-no-color', ...given]);
    if (applied.status !== 0) return { refused: applied.stderr };
    const said = JSON.parse(run(['output', '-json']).stdout) as Record<
      'onAws' | 'onAzure',
      { readonly value: Computed }
    >;
    return { refused: '', onAws: said.onAws.value, onAzure: said.onAzure.value };
  });
}

/** Google evaluates a provider's condition over the claims of a token. https://cloud.google.com/iam/docs/workload-identity-federation#conditions */
async function letsIn(condition: string | undefined, sub: string): Promise<unknown> {
  const cel = await import('@marcbachmann/cel-js');
  return new cel.Environment()
    .registerVariable('assertion', 'map')
    .evaluate(need(condition, 'condition'), { assertion: { sub } });
}

test('who is named is let in, by the issuer of its own cloud, and nobody else of the same account or tenant', async () => {
  const { refused, onAws: aws, onAzure: azure } = planned(GOOD);
  expect(refused).toBe('');
  expect(aws).toMatchObject({ issuer: ISSUER, audiences: [], count: 1 });
  expect(azure).toMatchObject({
    issuer: `https://sts.windows.net/${TENANT}/`,
    audiences: ['api://hypnoscript-dr-google'],
    count: 1,
  });
  for (const [condition, sub, allowed] of [
    [aws?.condition, role('copies-a'), true],
    [aws?.condition, role('copies-b'), true],
    [aws?.condition, role('copies'), false],
    [aws?.condition, role('copies-ab'), false],
    [aws?.condition, 'arn:aws:iam::444455556666:role/copies-a', false],
    [aws?.condition, 'arn:aws:sts::111122223333:assumed-role/copies-a/x', false],
    [azure?.condition, '11111111-2222-3333-4444-555555555555', true],
    [azure?.condition, '11111111-2222-3333-4444-555555555556', false],
    [azure?.condition, role('copies-a'), false],
  ] as const) {
    expect([sub, await letsIn(condition, sub)]).toEqual([sub, allowed]);
  }
});

test('until somebody is named nobody is let in, and before the issuer is said there is no way in', async () => {
  const nobody = planned({});
  expect([nobody.refused, nobody.onAws?.count, nobody.onAzure?.count]).toEqual(['', 0, 0]);
  const issuers = planned({ aws_copier_issuer: ISSUER, azure_copier_tenant_id: TENANT });
  expect([issuers.refused, issuers.onAws?.count, issuers.onAzure?.count]).toEqual(['', 1, 1]);
  expect(await letsIn(issuers.onAws?.condition, role('copies-a'))).toBe(false);
  expect(await letsIn(issuers.onAzure?.condition, TENANT)).toBe(false);
});

test('as many roles as a condition holds are taken, the order of which does not matter', () => {
  const many = Array.from({ length: 60 }, (_, index) => role(`copies-${index}`));
  const { onAws: one } = planned({ ...GOOD, aws_copier_subjects: many });
  const { onAws: other } = planned({ ...GOOD, aws_copier_subjects: [...many].reverse() });
  expect(one?.condition).toBe(other?.condition);
  expect(one?.condition.length).toBeLessThanOrEqual(4096);
});

type Values = Readonly<Record<string, unknown>>;
const BAD: readonly (readonly [name: string, why: string, values: Values])[] = [
  ['aws_copier_issuer', 'not of AWS', { aws_copier_issuer: 'https://attacker.example.com' }],
  ['aws_copier_issuer', 'not HTTPS', { aws_copier_issuer: ISSUER.replace('https', 'http') }],
  ['aws_copier_subjects', 'a name', { aws_copier_subjects: ['copies-a'] }],
  ['aws_copier_subjects', 'a session', { aws_copier_subjects: ['arn:aws:sts::111122223333:assumed-role/copies-a/x'] }],
  ['aws_copier_subjects', 'more than a subject', { aws_copier_subjects: [role('a"] || true || "b" in ["b')] }],
  ['aws_copier_subjects', 'longer than a subject', { aws_copier_subjects: [role('a'.repeat(100))] }],
  [
    'aws_copier_subjects',
    'too many',
    { aws_copier_subjects: Array.from({ length: 80 }, (_, at) => role(`copies-of-orders-${at}`)) },
  ],
  ['aws_copier_subjects', 'without issuer', { aws_copier_issuer: '' }],
  ['azure_copier_tenant_id', 'a domain', { azure_copier_tenant_id: 'contoso.onmicrosoft.com' }],
  ['azure_copier_audience', 'no URI', { azure_copier_audience: 'hypnoscript' }],
  ['azure_copier_subjects', 'a name', { azure_copier_subjects: ['erp-copier'] }],
  ['azure_copier_subjects', 'without tenant', { azure_copier_tenant_id: '' }],
];

test.each(BAD)('%s is refused by its name: %s', (name, _why, values) => {
  expect(planned({ ...GOOD, ...values }).refused).toMatch(new RegExp(`Invalid value for variable[\\s\\S]*${name}`));
});
