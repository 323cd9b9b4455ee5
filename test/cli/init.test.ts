import { readFileSync, readdirSync } from 'node:fs';
import { CLI_SETTINGS, FEATURE_FLAGS } from '../../lib/aws';
import { folder } from './support';

/** `hypdr init`: a project that works at once, and nothing that exists is touched. */
const FILES = ['cdk.json', 'cdktf.json', 'specs/backup.hyp', 'specs/deployment.hyp'];
const listed = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length + 1))
    .sort();

test('writes specs, cdk.json and cdktf.json into an empty folder, and says so', async () => {
  const one = folder();
  const { exit, out, err } = await one.hypdr(['init']);
  expect([exit, err]).toEqual([0, '']);
  expect(listed(one.path)).toEqual(FILES);
  for (const name of FILES) expect(out).toContain(`wrote ${name}`);
  expect(out).toContain('npx hypdr check');
});

test('writes into a folder of the name given', async () => {
  const one = folder();
  expect((await one.hypdr(['init', 'new/project'])).exit).toBe(0);
  expect(listed(one.file('new/project'))).toEqual(FILES);
});

test('leaves the user a spec that checks without errors and plans', async () => {
  const one = folder();
  await one.hypdr(['init']);
  expect((await one.hypdr(['check'])).exit).toBe(0);
  expect((await one.hypdr(['plan'])).exit).toBe(0);
});

test('names the programs of the installed package and the flags that templates are made with', async () => {
  const one = folder();
  await one.hypdr(['init']);
  const read = (name: string) => JSON.parse(readFileSync(one.file(name), 'utf8')) as Record<string, unknown>;
  expect(read('cdk.json')).toEqual({
    app: 'node node_modules/hypnoscript-dr/dist/bin/aws.js',
    ...CLI_SETTINGS,
    context: { spec: 'specs', ...FEATURE_FLAGS },
  });
  expect(read('cdktf.json')).toMatchObject({
    app: 'node node_modules/hypnoscript-dr/dist/bin/terraform.js',
    context: { spec: 'specs' },
  });
});

test.each(FILES)('touches nothing where %s exists', async (name) => {
  const one = folder({ [name]: 'mine' });
  const { exit, out, err } = await one.hypdr(['init']);
  expect([exit, out]).toEqual([2, '']);
  expect(err).toContain(name);
  expect(listed(one.path)).toEqual([name]);
  expect(readFileSync(one.file(name), 'utf8')).toBe('mine');
});

test('stands beside other files', async () => {
  const one = folder({ 'package.json': '{}', 'specs/notes.md': 'no fences' });
  expect((await one.hypdr(['init'])).exit).toBe(0);
  expect(readFileSync(one.file('package.json'), 'utf8')).toBe('{}');
});
