import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import { systemProgram } from '../../servers/programs';
import { until } from '../../servers/until';
import { fileTask, makeSource } from './file-task';
import { bundleRunner } from './program-run';

/** The program on a terminal, as `script` of util-linux makes one. */

let folder: string;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-terminal-'));
  program = bundleRunner(folder);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const SHOWN = /files {2}[45]\.\d MB {2}[\d.]+ [kM]?B\/s {2}0:\d\d {2}local ok/g;

/** A tar that complains of an odd name, and ends when the test says so. */
function makeTar(): { readonly tools: string; readonly release: () => void } {
  const tools = path.join(folder, 'tools');
  const gate = path.join(folder, 'gate');
  mkdirSync(tools);
  const script = `#!/bin/sh
[ "$1" = --version ] && exec ${systemProgram('tar')} --version
printf 'tar: odd\\033[2J\\r\\tname: no such thing\\n' >&2
${systemProgram('tar')} "$@"
until [ -e ${gate} ]; do sleep 0.1; done
exit 2
`;
  writeFileSync(path.join(tools, 'tar'), script);
  chmodSync(path.join(tools, 'tar'), 0o755);
  return { tools, release: () => writeFileSync(gate, '') };
}

/** What stays on the screen: the line that is written again and again has always gone when something else comes. */
function scrolled(text: string): string[] {
  return text
    .replace(/[^\r\n]*\r\u001b\[K/g, '')
    .split('\r\n')
    .filter((line) => line !== '');
}

test('progress is a line below the log, neither tears the other, and what a tool says moves no cursor', async () => {
  const { tools, release } = makeTar();
  const task = path.join(folder, 'task.json');
  const source = makeSource(path.join(folder, 'source'), 5_000_000);
  writeFileSync(
    task,
    JSON.stringify(fileTask('docs', source, { local: { id: 'l', from: [], path: path.join(folder, 'local') } })),
  );
  const command = `stty columns 70; ${process.execPath} ${program} backup --task ${task}`;
  const terminal = spawn(systemProgram('script'), ['-qefc', command, '/dev/null'], {
    env: { PATH: `${tools}:${process.env.PATH}`, TERM: 'xterm', HYPDR_STATE: path.join(folder, 'state') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let seen = '';
  terminal.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => terminal.once('close', resolve));
  try {
    await until(async () => expect(seen.match(SHOWN)?.length).toBeGreaterThan(2), 20_000);
  } finally {
    release();
  }
  expect(await ended).toBe(EXIT.retry);
  const lines = scrolled(seen);
  const last = lines.pop();
  const words = lines.pop();
  for (const line of lines) expect(Object.keys(JSON.parse(line) as object)).toContain('event');
  expect(words).toContain('tar: odd\\u001b[2J\\u000d\tname: no such thing');
  expect(JSON.parse(last ?? '')).toMatchObject({ event: 'backup_metrics' });
  expect(lines.some((line) => line.includes('"progress"'))).toBe(false);
  // The line's own, and no other.
  expect(seen.replaceAll('\r\u001b[K', '').replaceAll('\r\n', '')).not.toMatch(/[^\t\P{Cc}]/u);
}, 60_000);
