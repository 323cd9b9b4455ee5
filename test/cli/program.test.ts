import { writeFileSync } from 'node:fs';
import { BROKEN, SMALL, folder, hypdr } from './support';

/** Invocation, help and exit codes of every command. */
const COMMANDS = ['init', 'check', 'plan', 'synth', 'trace', 'explain'];

test('--help lists the commands on stdout', async () => {
  const { exit, out, err } = await hypdr(['--help']);
  expect([exit, err]).toEqual([0, '']);
  for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
});

test.each(COMMANDS)('%s --help shows an example', async (command) => {
  const { exit, out, err } = await hypdr([command, '--help']);
  expect([exit, err]).toEqual([0, '']);
  expect(out).toMatch(new RegExp(`Example:\\n {2}\\$ npx hypdr ${command}\\b`));
});

test('--version is that of the package', async () => {
  expect(await hypdr(['--version'])).toEqual({ exit: 0, out: '9.9.9\n', err: '' });
});

test.each([
  ['no command', []],
  ['an unknown command', ['chekc']],
  ['an unknown option', ['check', '--formt', 'json', 'a.hyp']],
  ['an unknown format', ['check', '--format', 'xml', 'a.hyp']],
  ['an unknown severity', ['check', '--fail-on', 'fatal', 'a.hyp']],
  ['a day that is none', ['check', '--today', '2026-02-30', 'a.hyp']],
  ['a synth without --out', ['synth', 'a.hyp']],
  ['an option without its value', ['synth', 'a.hyp', '--out']],
  ['explain without a code', ['explain']],
  ['an unknown code', ['explain', 'DR9999']],
])('%s is a bad invocation: exit code 2, nothing on stdout, something on stderr', async (_, argv) => {
  const { exit, out, err } = await folder({ 'a.hyp': SMALL }).hypdr(argv);
  expect([exit, out]).toEqual([2, '']);
  expect(err).not.toBe('');
});

test('a slip in a command or an option names what was meant', async () => {
  expect((await hypdr(['chekc'])).err).toContain('check');
  expect((await hypdr(['check', '--formt', 'json'])).err).toContain('--format');
});

describe('which spec', () => {
  test.each(['check', 'plan', 'trace'])('%s without a path and without cdk.json says what to do', async (command) => {
    const { exit, out, err } = await folder().hypdr([command]);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain('context.spec');
  });

  test('comes from cdk.json by default', async () => {
    const one = folder({ 'cdk.json': '{ "context": { "spec": "my/specs" } }', 'my/specs/a.hyp': SMALL });
    const { exit, out } = await one.hypdr(['plan', '--format', 'json']);
    expect(exit).toBe(0);
    expect((JSON.parse(out) as { tasks: { name: string }[] }).tasks.map((task) => task.name)).toEqual(['orders']);
  });

  test.each([
    ['is not JSON', 'not json', 'not JSON'],
    ['names none', '{ "context": {} }', 'which spec'],
    ['has another shape', '[]', 'which spec'],
    ['is null', 'null', 'which spec'],
  ])('cdk.json that %s is said', async (_, text, said) => {
    const { exit, err } = await folder({ 'cdk.json': text }).hypdr(['check']);
    expect(exit).toBe(2);
    expect(err).toContain(said);
  });

  test('is a path given, whatever cdk.json says', async () => {
    const one = folder({ 'cdk.json': '{ "context": { "spec": "elsewhere" } }', 'a.hyp': SMALL });
    expect((await one.hypdr(['check', 'a.hyp'])).exit).toBe(0);
  });

  test.each([
    ['that does not exist', ['nowhere.hyp'], 'does not exist'],
    ['that is an empty folder', ['empty'], 'holds no .hyp or .md file'],
    ['that is no text', ['binary.hyp'], 'is not UTF-8 text'],
  ])('%s is an error of the spec', async (_, paths, said) => {
    const one = folder({ 'empty/notes.txt': '' });
    writeFileSync(one.file('binary.hyp'), Buffer.from([0xff, 0xfe, 0x41]));
    const { exit, out } = await one.hypdr(['check', ...paths]);
    expect(exit).toBe(4);
    expect(out).toContain(said);
  });

  test('is several files and folders, each read once', async () => {
    const one = folder({
      'specs/a.hyp': SMALL,
      'specs/b.md': 'text\n\n```hyp\ndeployment { name: "acme" }\n```\n',
      'c.hyp': 'disaster_recovery { objectives: { rpo: { critical_data: "2d" } } }',
    });
    const { exit, out } = await one.hypdr(['plan', '--format', 'json', 'specs', 'specs/a.hyp', './c.hyp']);
    expect(exit).toBe(0);
    expect((JSON.parse(out) as { name: string }).name).toBe('acme');
  });
});

describe('a spec with errors', () => {
  test.each([['plan'], ['trace'], ['synth', '--out', 'out']])(
    '%s ends with 4 and says them on stderr',
    async (...argv) => {
      const { exit, out, err } = await folder({ 'a.hyp': BROKEN }).hypdr([...argv, 'a.hyp']);
      expect([exit, out]).toEqual([4, '']);
      expect(err).toContain('DR2002');
      expect(err).toContain('a.hyp:9:38');
    },
  );

  test('a spec without backups has nothing to plan', async () => {
    const text = 'disaster_recovery { objectives: { rpo: { critical_data: "2d" } } }';
    const { exit, out, err } = await folder({ 'a.hyp': text }).hypdr(['plan', 'a.hyp']);
    expect([exit, out]).toEqual([4, '']);
    expect(err).toContain('no block "backup"');
  });
});
