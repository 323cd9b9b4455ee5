import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createApp } from '../../lib/aws/app';
import { synthAws } from '../../lib/aws/synth';
import { uploadsOf } from '../../lib/cli/uploads';
import { AzureSharedTaskStack } from '../../stacks/azure/shared-task-stack';
import { GoogleSharedTaskStack } from '../../stacks/google/shared-task-stack';
import { addAwsStacks, addAwsTaskStacks } from '../../stacks/aws';
import { planOf, s3, spec } from '../plan/support';
import { synthStack } from '../terraform/synth-stack';

/** What the image of tasks is built with, as each cloud says it: on AWS the deployment builds it, elsewhere a command. */
const URL = 'https://downloads.example.com/get?file=mysql-8.4.9-minimal.tar.xz&os=linux';
const SHA256 = 'ab'.repeat(32);
const BASE = `docker.io/library/debian@sha256:${'0'.repeat(64)}`;
const NAMED = `image: { base: "${BASE}" mysql: { url: "${URL}" sha256: "${SHA256}" } }`;
const EXTENDED = `image: { base: "${BASE}" postgresql: 18 packages: ["postgresql-18-postgis-3" "postgresql-18-pgvector=0.8.1-1"] }`;
const PACKAGES = 'postgresql-18-postgis-3 postgresql-18-pgvector=0.8.1-1';
const PLAIN = `image: { base: "${BASE}" }`;
const plan = (storage: string, deployment?: string) =>
  planOf(
    spec({ database: `orders: { type: "mysqldump" storage: { ${storage} } }`, ...(deployment && { deployment }) }),
  );

describe('AWS', () => {
  const argumentsIn = (deployment?: string) => {
    const one = plan(s3('acme-own', 'orders/'), deployment);
    const app = createApp();
    const uploads = uploadsOf(path.resolve(__dirname, '../..'));
    addAwsTaskStacks(app, { plan: one, uploads, stores: addAwsStacks(app, one.aws) });
    const synthesis = synthAws(app);
    if (!synthesis.ok) throw new Error('not sound');
    const [shard] = one.awsTasks.shards;
    const file = path.join(synthesis.assembly.directory, `${shard?.name ?? ''}.assets.json`);
    const { dockerImages } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly dockerImages: Readonly<Record<string, { readonly source: { readonly dockerBuildArgs?: unknown } }>>;
    };
    return Object.values(dockerImages).map(({ source }) => source.dockerBuildArgs);
  };

  test.each([
    [NAMED, { BASE_IMAGE: BASE, MYSQL_URL: URL, MYSQL_SHA256: SHA256 }],
    [PLAIN, { BASE_IMAGE: BASE }],
    [EXTENDED, { BASE_IMAGE: BASE, POSTGRESQL: '18', PACKAGES }],
    [undefined, undefined],
  ])('the deployment builds it with what the spec names: %s', (deployment, expected) => {
    expect(argumentsIn(deployment)).toEqual([expected]);
  });
});

describe.each([
  [
    'Azure',
    'azure: { storage_account: "acmeown" container: "orders" path: "orders/" }',
    '${basename(var.container_registry_id)}.azurecr.io/hypdr-runner:VERSION',
  ],
  [
    'Google',
    'gcs: { bucket: "acme-own" location: "europe-west3" path: "orders/" }',
    'europe-west3-docker.pkg.dev/${data.google_project.project.project_id}/${google_artifact_registry_repository.image_',
  ],
])('%s', (_, storage, tag) => {
  const command = (deployment?: string) => {
    const { azureTasks, googleTasks } = plan(storage, deployment);
    const [azure] = azureTasks.shared;
    const [google] = googleTasks.shared;
    const { template } = synthStack((azure ?? google)?.name ?? '', (app) => {
      if (azure) new AzureSharedTaskStack(app, azure);
      if (google) new GoogleSharedTaskStack(app, google);
    });
    return (template as unknown as { readonly output: { readonly image_build: { readonly value: string } } }).output
      .image_build.value;
  };
  const begin = 'docker build --platform linux/amd64 --build-arg';

  test('the command builds it with what the spec names, each a word of a shell', () => {
    const mysql = `--build-arg 'MYSQL_URL=${URL}' --build-arg MYSQL_SHA256=${SHA256}`;
    expect(command(NAMED).startsWith(`${begin} BASE_IMAGE=${BASE} ${mysql} --tag ${tag}`)).toBe(true);
    expect(command(NAMED)).toMatch(/:VERSION dist\/image$/);
  });

  test('with the PostgreSQL and the packages that it names', () => {
    const named = `--build-arg POSTGRESQL=18 --build-arg 'PACKAGES=${PACKAGES}'`;
    expect(command(EXTENDED).startsWith(`${begin} BASE_IMAGE=${BASE} ${named} --tag ${tag}`)).toBe(true);
  });

  test('and nothing of MySQL where it names none', () => {
    expect(command(PLAIN).startsWith(`${begin} BASE_IMAGE=${BASE} --tag ${tag}`)).toBe(true);
    expect(command().startsWith(`${begin} BASE_IMAGE=IMAGE@sha256:DIGEST --tag ${tag}`)).toBe(true);
  });
});
