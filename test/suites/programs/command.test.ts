import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The built programs as processes: exit codes, what goes where, and the second example in all of them. */
const ROOT = path.resolve(__dirname, '../../..');
const ACME = 'specs/acme';

jest.setTimeout(240_000);

const scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'hypdr-command-')));
afterAll(() => rmSync(scratch, { recursive: true }));

function node(program: string, argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { PATH = '', HOME = '' } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(ROOT, 'dist/bin', program), ...argv], {
    cwd: ROOT,
    env: { PATH, HOME, ...environment },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const broken = path.join(scratch, 'broken.hyp');
writeFileSync(broken, 'backup { general: 1 }\n');

test('a spec with errors ends every program with 4, and the errors are talk', () => {
  const json = JSON.stringify({ spec: broken });
  const runs = [
    node('hypdr.js', ['plan', broken]),
    node('aws.js', [], { CDK_CONTEXT_JSON: json, CDK_OUTDIR: path.join(scratch, 'a') }),
    node('terraform.js', [], { CDKTF_CONTEXT_JSON: json, CDKTF_OUTDIR: path.join(scratch, 't') }),
  ];
  expect(runs.map(({ status, stdout }) => [status, stdout])).toEqual([
    [4, ''],
    [4, ''],
    [4, ''],
  ]);
  for (const { stderr } of runs) expect(stderr).toContain('DR2002');
});

test('a bad invocation ends with 2', () => {
  expect(node('hypdr.js', ['chekc']).status).toBe(2);
  expect(node('hypdr.js', ['check', '--fail-on', 'note', ACME]).status).toBe(5);
});

test('the plan is the same bytes in other zones and languages, and with the environment in another order', () => {
  const key = {
    AWS_KMS_KEY_ID: 'alias/one',
    GCP_KMS_KEY: 'projects/acme-backup/locations/europe-west1/keyRings/r/cryptoKeys/k',
  };
  const plan = (environment: Readonly<Record<string, string>>) => {
    const { status, stdout } = node('hypdr.js', ['plan', '--format', 'json', 'specs/hypnoscript'], environment);
    expect(status).toBe(0);
    return stdout;
  };
  const usual = plan({ ...key, TZ: 'UTC', LANG: 'C' });
  const reversed = Object.fromEntries(Object.entries(key).reverse());
  expect(plan({ TZ: 'Pacific/Apia', LANG: 'ar_EG.UTF-8', LC_ALL: 'tr_TR.UTF-8', ...reversed })).toBe(usual);
});

test('the second example comes out the same of `hypdr synth` and of the apps', () => {
  const out = path.join(scratch, 'out');
  const context = JSON.stringify({ spec: ACME });
  expect(node('hypdr.js', ['synth', ACME, '--out', out]).stderr).not.toContain('bug');
  expect(node('aws.js', [], { CDK_CONTEXT_JSON: context, CDK_OUTDIR: path.join(scratch, 'aws') }).status).toBe(0);
  expect(
    node('terraform.js', [], { CDKTF_CONTEXT_JSON: context, CDKTF_OUTDIR: path.join(scratch, 'terraform') }).status,
  ).toBe(0);
  for (const cloud of ['aws', 'terraform']) {
    const made = templatesIn(path.join(scratch, cloud));
    expect(Object.keys(made).length).toBeGreaterThan(0);
    expect(templatesIn(path.join(out, cloud))).toEqual(made);
  }
});

function templatesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /[.](template|tf)[.]json$/.test(name),
  );
  return Object.fromEntries(files.sort().map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
}
