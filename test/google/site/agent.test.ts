import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agent } from '../../../lib/google/site/agent';

/** The agent of a database machine itself, beside a metadata server that has a word for it. */
let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'hypdr-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function executable(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/bash\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Looks as often as asked, one after the other. @returns what it answered */
async function looks(
  word: string | undefined,
  exit: number,
  times = 1,
  script: Parameters<typeof agent>[1] = 'hypdr-standby',
): Promise<readonly string[]> {
  const answers: string[] = [];
  const server = createServer((request, response) => {
    expect(request.headers['metadata-flavor']).toBe('Google');
    if (request.method === 'GET') {
      response.writeHead(word === undefined ? 404 : 200).end(word ?? '');
      return;
    }
    request
      .setEncoding('utf8')
      .on('data', (text: string) => answers.push(`${request.url?.split('/').slice(-2).join('/')} ${text}`));
    request.on('end', () => response.end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const program = executable('program', `echo "did $*"\nexit ${exit}`);
  try {
    for (let count = 0; count < times; count += 1) {
      const child = spawn('bash', ['-c', agent("it's hot", script)], {
        stdio: 'ignore',
        env: {
          PATH: `${folder}:${process.env.PATH}`,
          HYPDR_ONCE: 'yes',
          HYPDR_STATE: join(folder, 'state'),
          HYPDR_PROGRAM: program,
          HYPDR_METADATA: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        },
      });
      expect(await once(child, 'exit')).toEqual([0, null]);
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
  return answers;
}

test('does what it is told with the name of the site, and says what came of it', async () => {
  expect(await looks('promote run-1', 0)).toEqual(["hypdr/answer run-1 0 did promote it's hot"]);
});

test('says whether it could be promoted, under a name of its own', async () => {
  expect(await looks('able run-1-able', 0)).toEqual(['hypdr/answer run-1-able 0 did able']);
});

test('does it once, however often it looks', async () => {
  expect(await looks('promote run-1', 0, 2)).toHaveLength(1);
});

test('says a failure, and says nothing yet of what is worth another try', async () => {
  expect(await looks('promote run-1', 78)).toEqual(["hypdr/answer run-1 78 did promote it's hot"]);
  expect(await looks('promote run-2', 75, 2)).toEqual([]);
});

test('runs nothing that is no word of it', async () => {
  expect(await looks('reboot run-3', 0)).toEqual(['hypdr/answer run-3 64 no word: reboot']);
  expect(await looks('promote run-4; touch x', 0)).toEqual([]);
  expect(await looks(undefined, 0)).toEqual([]);
});

test('a word to stop has the machine leave, by its own program, which knows whether it was promoted', async () => {
  expect(await looks('stop run-5', 0)).toEqual(['hypdr/answer run-5 0 did leave']);
  expect(await looks('stop run-6', 1, 1, 'hypdr-site-restore')).toEqual(['hypdr/answer run-6 1 did leave']);
});
