import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * The built programs on the seed's spec. Whoever starts them, from where and in which time zone, the templates are the
 * same bytes. @see ARCHITECTURE.md, "The same templates however they are made"
 */
const ROOT = path.resolve(__dirname, '../../..');
const SPEC = path.join(ROOT, 'specs/hypnoscript');
const HYPDR = path.join(ROOT, 'dist/bin/hypdr.js');

jest.setTimeout(120_000);

const scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'hypdr-programs-')));
afterAll(() => rmSync(scratch, { recursive: true }));

type Environment = Readonly<Record<string, string>>;

function node(args: readonly string[], extra: Environment = {}, cwd = ROOT): void {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...extra };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
}

const TEMPLATE = /[.](template|tf)[.]json$/;

function filesIn(folder: string, pattern: RegExp): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));
  return Object.fromEntries(files.sort().map((file) => [path.relative(folder, file), readFileSync(file, 'utf8')]));
}

/** `hypdr synth` of the seed into a folder of its own. */
function synth(name: string, extra: Environment = {}, cwd = ROOT): string {
  const out = path.join(scratch, name);
  node([HYPDR, 'synth', path.relative(cwd, SPEC), '--out', out], extra, cwd);
  return out;
}

describe('hypdr synth', () => {
  let usual = '';
  beforeAll(() => {
    usual = synth('usual');
  });

  test('makes templates for every cloud of the spec', () => {
    expect(Object.keys(filesIn(path.join(usual, 'aws'), TEMPLATE)).length).toBeGreaterThanOrEqual(2);
    const stacks = Object.keys(filesIn(path.join(usual, 'terraform'), TEMPLATE));
    for (const cloud of ['azure', 'google']) {
      expect(stacks.filter((name) => name.includes(`-${cloud}-backup`)).length).toBeGreaterThanOrEqual(1);
    }
  });

  test('writes the same bytes in another time zone, language and terminal', () => {
    const elsewhere = synth('elsewhere', { TZ: 'Pacific/Auckland', LC_ALL: 'tr_TR.UTF-8', FORCE_COLOR: '1' });
    expect(filesIn(elsewhere, /json$/)).toEqual(filesIn(usual, /json$/));
  });

  test('writes the same templates from another folder', () => {
    const away = synth('away', {}, scratch);
    expect(filesIn(away, TEMPLATE)).toEqual(filesIn(usual, TEMPLATE));
    expect(filesIn(away, /^plan[.]json$/)).toEqual(filesIn(usual, /^plan[.]json$/));
  });

  test('writes the same bytes over its own last output', () => {
    const before = filesIn(usual, /json$/);
    synth('usual');
    expect(filesIn(usual, /json$/)).toEqual(before);
  });

  test('names no folder of this machine in anything that it writes', () => {
    const texts = filesIn(usual, /./);
    const local = Object.keys(texts).filter((file) => texts[file]?.includes(ROOT) || texts[file]?.includes(scratch));
    expect(local).toEqual([]);
  });

  test('equals `cdk synth`', () => {
    const out = path.join(scratch, 'cdk.out');
    const cdk = path.join(ROOT, 'node_modules/aws-cdk/bin/cdk');
    node([cdk, 'synth', '--quiet', '--no-notices', '--output', out], { CDK_DISABLE_CLI_TELEMETRY: 'true' });
    expect(filesIn(out, TEMPLATE)).toEqual(filesIn(path.join(usual, 'aws'), TEMPLATE));
  });

  test('equals the program of cdk.json started without the CDK', () => {
    const out = path.join(scratch, 'aws.out');
    node(['dist/bin/aws.js'], { CDK_OUTDIR: out });
    expect(filesIn(out, TEMPLATE)).toEqual(filesIn(path.join(usual, 'aws'), TEMPLATE));
  });

  test('equals the program of cdktf.json started as the CDKTF does', () => {
    const out = path.join(scratch, 'cdktf.out');
    mkdirSync(out);
    // What `cdktf synth` sets for the program that it starts; its command line is 420 MB and not installed here.
    const { context } = JSON.parse(readFileSync(path.join(ROOT, 'cdktf.json'), 'utf8')) as { context: unknown };
    node(['dist/bin/terraform.js'], { CDKTF_OUTDIR: out, CDKTF_CONTEXT_JSON: JSON.stringify(context) });
    expect(filesIn(out, TEMPLATE)).toEqual(filesIn(path.join(usual, 'terraform'), TEMPLATE));
  });
});
