import { AZURE_STORE, GOOGLE_STORE, compileText, errors, planOf, spec } from './support';

/** Where the Terraform stacks keep their state. */
const text = (state: string) => spec({ cloud: `${AZURE_STORE} ${GOOGLE_STORE}`, deployment: `name: "acme" ${state}` });
const backends = (state: string) => {
  const { azure, google } = planOf(text(state));
  return [...azure, ...google].map((stack) => stack.backend);
};

test('is a file beside the stack by default, without a path', () => {
  expect(backends('')).toEqual([{ type: 'local' }, { type: 'local' }]);
  expect(backends('state: { type: "local" }')).toEqual([{ type: 'local' }, { type: 'local' }]);
});

test('is one object per stack in S3', () => {
  expect(backends('state: { type: "s3" bucket: "acme-state" region: "eu-west-1" }')).toEqual([
    { type: 's3', bucket: 'acme-state', region: 'eu-west-1', key: 'acme/acme-azure-backup-westeurope.tfstate' },
    { type: 's3', bucket: 'acme-state', region: 'eu-west-1', key: 'acme/acme-google-backup.tfstate' },
  ]);
});

test('is one blob per stack in Azure, under the key that the spec gives', () => {
  const state =
    'state: { type: "azurerm" resource_group: "rg" storage_account: "acmestate" container: "state" key: "x/y" }';
  expect(backends(state)[0]).toEqual({
    type: 'azurerm',
    resourceGroup: 'rg',
    storageAccount: 'acmestate',
    container: 'state',
    key: 'x/y/acme-azure-backup-westeurope.tfstate',
  });
});

test('is one prefix per stack in Google', () => {
  expect(backends('state: { type: "gcs" bucket: "acme-state" }')[1]).toEqual({
    type: 'gcs',
    bucket: 'acme-state',
    prefix: 'acme/acme-google-backup',
  });
});

test.each([
  ['type: "s3"'],
  ['type: "s3" bucket: "acme-state"'],
  ['type: "azurerm" resource_group: "rg" storage_account: "acmestate"'],
  ['type: "gcs"'],
])('that does not say where is refused: %s', (state) => {
  const found = errors(compileText(text(`state: { ${state} }`)));
  expect(found.length).toBeGreaterThan(0);
  expect(new Set(found)).toEqual(new Set(['DR3053 deployment.state']));
});
