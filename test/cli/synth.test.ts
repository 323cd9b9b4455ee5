import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { swapInto } from '../../lib/cli/swap';
import { BROKEN, ROOT, SMALL, THREE, folder } from './support';
import type { Folder } from './support';

/** `hypdr synth`: everything is made beside the last output and swapped at the end; what is not ours is never touched. */
jest.setTimeout(60_000);

const listed = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
const AZURE = 'terraform/stacks/hypnoscript-azure-backup-westeurope';
const GOOGLE = 'terraform/stacks/hypnoscript-google-backup';
const AWS = 'aws/hypnoscript-backup-store-eu-west-1.template.json';

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>>;
}

async function made(text: string): Promise<Folder> {
  const one = folder({ 'a.hyp': text });
  expect((await one.hypdr(['synth', 'a.hyp', '--out', 'out'])).exit).toBe(0);
  return one;
}

describe('into a new folder', () => {
  test('writes the templates of each cloud, manifests, plan and trace, and says what to run', async () => {
    const one = folder({ 'a.hyp': THREE });
    const { exit, out } = await one.hypdr(['synth', 'a.hyp', '--out', 'deep/er/out']);
    expect(exit).toBe(0);
    expect(listed(one.file('deep/er/out'))).toEqual(
      expect.arrayContaining([
        AWS,
        `${AZURE}/cdk.tf.json`,
        `${GOOGLE}/cdk.tf.json`,
        'plan.json',
        'tasks/orders.json',
        'trace.json',
      ]),
    );
    expect(out).toContain('wrote deep/er/out');
    expect(out).toContain('npx cdk deploy --all --app deep/er/out/aws');
    expect(out).toContain(`terraform -chdir=deep/er/out/${AZURE} init`);
  });

  test('writes nothing for a cloud that the spec does not name', async () => {
    const one = await made(SMALL);
    expect(existsSync(one.file('out/aws'))).toBe(true);
    expect(existsSync(one.file('out/terraform'))).toBe(false);
  });

  test('leaves no other folder behind', async () => {
    const one = await made(SMALL);
    expect(readdirSync(one.path).sort()).toEqual(['a.hyp', 'out']);
  });

  test('plan.json is what `hypdr plan` prints, trace.json what `hypdr trace` prints', async () => {
    const one = await made(THREE);
    for (const command of ['plan', 'trace']) {
      const { out } = await one.hypdr([command, '--format', 'json', 'a.hyp']);
      expect(readFileSync(one.file(`out/${command}.json`), 'utf8')).toBe(out);
    }
  });
});

test('a permissions boundary is on each role of each template, and nowhere else', async () => {
  const boundary = 'deployment { aws: { permissions_boundary: "boundaries/developer" } }';
  const one = await made(`${SMALL}\n${boundary}`);
  const roles = readdirSync(one.file('out/aws'))
    .filter((name) => name.endsWith('.template.json'))
    .flatMap((name) => {
      const { Resources } = JSON.parse(readFileSync(one.file(`out/aws/${name}`), 'utf8')) as Template;
      return Object.values(Resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
    });
  expect(roles.length).toBeGreaterThan(3);
  for (const { Properties } of roles)
    expect(JSON.stringify(Properties.PermissionsBoundary)).toContain(':policy/boundaries/developer');
  const { out } = await one.hypdr(['trace', '--format', 'json', 'a.hyp']);
  const { leaves } = JSON.parse(out) as { leaves: { path: string; becomes: { kind: string }[] }[] };
  const leaf = leaves.find((found) => found.path === 'deployment.aws.permissions_boundary');
  expect(leaf?.becomes.map(({ kind }) => kind)).toContain('resource');
});

describe('over the last output', () => {
  test('leftovers of a spec that has changed go', async () => {
    const one = await made(THREE);
    one.write('a.hyp', SMALL.replace('orders: {', 'users: {'));
    const { exit, out } = await one.hypdr(['synth', 'a.hyp', '--out', 'out']);
    expect(exit).toBe(0);
    expect(out).not.toContain('is no longer in the spec');
    expect(readdirSync(one.file('out/tasks'))).toEqual(['users.json']);
    expect(existsSync(one.file(`out/${GOOGLE}`))).toBe(false);
    expect(existsSync(one.file('out/copies.json'))).toBe(false);
  });

  test('what a stack uploads lies beside it, and the next synth knows it for its own', async () => {
    const one = folder({ 'a.hyp': readFileSync(path.join(ROOT, 'specs/contoso/backup.hyp'), 'utf8') });
    for (let turn = 0; turn < 2; turn++) expect((await one.hypdr(['synth', 'a.hyp', '--out', 'out'])).exit).toBe(0);
    const files = listed(one.file('out')).filter((name) => name.includes('/assets/'));
    expect(files).toEqual([
      expect.stringMatching(/^terraform\/stacks\/contoso-azure-tasks-uksouth-1of2\/assets\/.*\/runner\.js$/),
    ]);
  });

  test('files of Terraform stay, with their bytes', async () => {
    const one = await made(THREE);
    const kept = {
      [`out/${AZURE}/terraform.tfstate`]: '{"serial":1}',
      [`out/${AZURE}/terraform.tfstate.backup`]: '{"serial":0}',
      [`out/${AZURE}/terraform.hypnoscript-azure-backup-westeurope.tfstate`]: '{"serial":2}',
      [`out/${AZURE}/.terraform.lock.hcl`]: '# lock',
      [`out/${AZURE}/.terraform/providers/x`]: 'binary',
      [`out/${AZURE}/terraform.tfvars`]: 'a = 1',
    };
    for (const [name, text] of Object.entries(kept)) one.write(name, text);
    symlinkSync('/nowhere/provider', one.file(`out/${AZURE}/.terraform/providers/link`));
    expect((await one.hypdr(['synth', 'a.hyp', '--out', 'out'])).exit).toBe(0);
    for (const [name, text] of Object.entries(kept)) expect(readFileSync(one.file(name), 'utf8')).toBe(text);
    expect(listed(one.file(`out/${AZURE}`))).toContain('.terraform/providers/link');
    expect(listed(one.file(`out/${AZURE}`))).toContain('cdk.tf.json');
  });

  test('the state of a stack that is gone from the spec stays and is said, at every synth', async () => {
    const one = await made(THREE);
    one.write(`out/${GOOGLE}/terraform.tfstate`, '{"serial":7}');
    one.write('a.hyp', SMALL);
    for (const _ of ['first', 'second']) {
      const { exit, out } = await one.hypdr(['synth', 'a.hyp', '--out', 'out']);
      expect(exit).toBe(0);
      expect(out).toContain(`${GOOGLE} is no longer in the spec; its state was kept`);
      expect(readdirSync(one.file(`out/${GOOGLE}`))).toEqual(['terraform.tfstate']);
    }
  });
});

describe('a folder with files that no synth wrote is refused and left as it is', () => {
  test.each([
    ['a file', 'out/notes.txt', true],
    ['a file beside the assembly', 'out/aws/notes.txt', true],
    ['a file beside the manifests', 'out/tasks/notes.txt', true],
    ['a file beside the stacks', 'out/terraform/main.tf', true],
    ['a file in a stack', `out/${AZURE}/main.tf`, true],
    ['a project of somebody who keeps Terraform there', 'out/terraform/main.tf', false],
    ['tasks of somebody', 'out/tasks/mine.json', false],
    ['a plan of somebody', 'out/plan.json', false],
  ])('%s: %s', async (_, name, after) => {
    const one = after ? await made(THREE) : folder({ 'a.hyp': THREE });
    one.write(name, 'mine');
    const before = listed(one.path);
    const { exit, out, err } = await one.hypdr(['synth', 'a.hyp', '--out', 'out']);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain('no synth wrote');
    expect(readFileSync(one.file(name), 'utf8')).toBe('mine');
    expect(listed(one.path)).toEqual(before);
  });

  test('a file of that name', async () => {
    const one = folder({ 'a.hyp': SMALL, out: 'mine' });
    expect((await one.hypdr(['synth', 'a.hyp', '--out', 'out'])).exit).toBe(2);
    expect(readFileSync(one.file('out'), 'utf8')).toBe('mine');
  });

  test('the folder of the project', async () => {
    const one = folder({ 'a.hyp': SMALL });
    expect((await one.hypdr(['synth', 'a.hyp', '--out', '.'])).exit).toBe(2);
    expect(listed(one.path)).toEqual(['a.hyp']);
  });
});

describe('a synth that fails leaves the last output untouched and nothing behind', () => {
  const texts = (one: Folder) => listed(one.path).map((name) => [name, readFileSync(one.file(name), 'utf8')]);

  test('by errors of the spec', async () => {
    const one = await made(THREE);
    one.write('a.hyp', BROKEN);
    const before = texts(one);
    expect((await one.hypdr(['synth', 'a.hyp', '--out', 'out'])).exit).toBe(4);
    expect(texts(one)).toEqual(before);
  });

  test('in its last step', async () => {
    const one = await made(SMALL);
    one.write('.beside/mark', '');
    const before = texts(one);
    // The finished folder is gone when the last output has made room for it.
    expect(() => swapInto(one.file('out'), one.file('.beside/out'))).toThrow();
    expect(texts(one)).toEqual(before);
  });
});
