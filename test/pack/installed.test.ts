import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  addSources,
  createProject,
  oldest,
  oldestPeers,
  pack,
  pinnedPeers,
  ROOT,
  run,
  runWell,
  scratchFolder,
} from './project';

const SPEC = path.join(ROOT, 'specs/hypnoscript');
const TSC = 'node_modules/typescript/bin/tsc';

jest.setTimeout(300_000);

const scratch = scratchFolder();
let tarball = '';
let project = '';

beforeAll(() => {
  tarball = pack(scratch);
  project = createProject(path.join(scratch, 'project'), tarball, pinnedPeers());
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Every file below a folder, with its bytes as text. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [path.relative(folder, file), readFileSync(file, 'latin1')]),
  );
}

/** The document that the seed gives, as a spec of its own: the contents of its fences. */
const copySpec = (folder: string): void => {
  const document = readFileSync(path.join(SPEC, 'runtime-backup-recovery.md'), 'utf8');
  const blocks = [...document.matchAll(/^```hyp\n([^]*?)^```$/gm)].map(([, text]) => text);
  if (blocks.length === 0) throw new Error('no ```hyp fence in the document');
  writeFileSync(path.join(folder, 'my.hyp'), blocks.join('\n'));
};

const templatesIn = (project: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(contents(path.join(project, 'out'))).filter(([file]) => /[.](template|tf)[.]json$/.test(file)),
  );

describe('the packed file', () => {
  const listed = (): string[] => runWell(scratch, 'tar', '-tzf', tarball).trim().split('\n').sort();

  test('holds the programs, the library with its types and the schemas, and nothing of the tests', () => {
    const files = listed();
    expect(files).toEqual(
      expect.arrayContaining([
        'package/package.json',
        'package/dist/bin/hypdr.js',
        'package/dist/bin/LICENSES.txt',
        'package/dist/lib/aws/index.d.ts',
        'package/dist/lib/aws/index.js',
        'package/dist/lib/azure/index.js',
        'package/dist/lib/google/index.js',
        'package/dist/lib/plan/index.js',
      ]),
    );
    expect(files.filter((file) => !/^package\/(dist|schema|specs)\/|^package\/[^/]+$/.test(file))).toEqual([]);
    expect(files.filter((file) => /\/test\/|\.test\.|\.ts$/.test(file) && !file.endsWith('.d.ts'))).toEqual([]);
  });

  test('names no folder of the machine it was built on', () => {
    const installed = contents(path.join(project, 'node_modules/hypnoscript-dr'));
    const local = new RegExp(`${ROOT}|${process.env['HOME'] ?? ROOT}/`);
    expect(Object.keys(installed).filter((file) => local.test(installed[file] ?? ''))).toEqual([]);
  });

  test('has a program that can be started', () => {
    expect(statSync(path.join(project, 'node_modules/hypnoscript-dr/dist/bin/hypdr.js')).mode & 0o111).toBe(0o111);
  });
});

describe('the installed command', () => {
  test('`hypdr init` writes a spec into an empty folder that checks and synthesizes', () => {
    const empty = path.join(project, 'empty');
    runWell(project, 'mkdir', empty);
    runWell(empty, 'npx', '--no', 'hypdr', 'init');
    expect(readdirSync(empty)).toEqual(expect.arrayContaining(['cdk.json', 'cdktf.json']));
    runWell(empty, 'npx', '--no', 'hypdr', 'check');
    runWell(empty, 'npx', '--no', 'hypdr', 'synth', '--out', 'out');
    expect(Object.keys(templatesIn(empty)).length).toBeGreaterThan(0);
  });

  test('`hypdr synth my.hyp --out out` writes byte for byte what this checkout writes', () => {
    copySpec(project);
    runWell(project, 'npx', '--no', 'hypdr', 'synth', 'my.hyp', '--out', 'out');
    runWell(project, 'node', path.join(ROOT, 'dist/bin/hypdr.js'), 'synth', 'my.hyp', '--out', 'ours');
    const installed = contents(path.join(project, 'out'));
    expect(installed).toEqual(contents(path.join(project, 'ours')));
    expect(Object.keys(installed)).toEqual(
      expect.arrayContaining(['aws/manifest.json', 'plan.json', 'terraform/manifest.json', 'trace.json']),
    );
  });
});

/** What each of the user's programs made, by the type of the resources. */
function userTypes(folder: string): Record<string, string[]> {
  const read = (file: string): Record<string, never> => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
  const aws = Object.values<{ Type: string }>(read('out-aws/mine.template.json')['Resources'] ?? {});
  const terraform = (cloud: string): string[] =>
    Object.keys(read(`out-${cloud}/stacks/mine/cdk.tf.json`)['resource'] ?? {}).sort();
  return {
    aws: [...new Set(aws.map(({ Type }) => Type))].sort(),
    azure: terraform('azure'),
    google: terraform('google'),
  };
}

function buildUserStacks(folder: string): void {
  addSources(folder, ['tsconfig.json', 'aws.ts', 'azure.ts', 'google.ts', 'import.mjs']);
  const { status, stdout } = run(folder, 'node', TSC, '-p', '.');
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  for (const cloud of ['aws', 'azure', 'google']) runWell(folder, 'node', `built/${cloud}.js`);
}

const USER_TYPES = {
  aws: ['AWS::KMS::Alias', 'AWS::KMS::Key', 'AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'AWS::SNS::Topic'],
  azure: expect.arrayContaining(['azurerm_storage_account', 'azurerm_storage_container']),
  google: expect.arrayContaining(['google_kms_crypto_key', 'google_storage_bucket']),
};

describe("a user's own stacks with our constructs", () => {
  test('compile and make templates', () => {
    buildUserStacks(project);
    expect(userTypes(project)).toEqual(USER_TYPES);
  });

  test('can be ES modules', () => {
    addSources(project, ['import.mjs']);
    expect(runWell(project, 'node', 'import.mjs')).toBe('function function function\ntrue true\n');
  });
});

describe('beside the oldest peers that the package allows', () => {
  let other = '';
  beforeAll(() => {
    other = createProject(path.join(scratch, 'other'), tarball, oldestPeers());
  });

  test("the package uses the project's library and brings none of its own", () => {
    const { version } = JSON.parse(readFileSync(path.join(other, 'node_modules/aws-cdk-lib/package.json'), 'utf8'));
    expect(version).toBe(oldest('aws-cdk-lib'));
    expect(existsSync(path.join(other, 'node_modules/hypnoscript-dr/node_modules'))).toBe(false);
  });

  test('`hypdr synth my.hyp --out out` makes the same stacks', () => {
    copySpec(other);
    runWell(other, 'npx', '--no', 'hypdr', 'synth', 'my.hyp', '--out', 'out');
    expect(Object.keys(templatesIn(other))).toEqual(Object.keys(templatesIn(project)));
  });

  test("a user's own stacks compile and make templates", () => {
    buildUserStacks(other);
    expect(userTypes(other)).toEqual(USER_TYPES);
  });
});
