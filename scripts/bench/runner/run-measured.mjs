import { spawn } from 'node:child_process';
import path from 'node:path';
import { watchChildren } from './process-tree.mjs';

const PEAK_MEMORY = path.join(import.meta.dirname, '../peak-memory.cjs');

/**
 * Runs a line of the shell to its end, as somebody would type it, with its parts joined by pipes. Resolves to seconds
 * from its start to its end, seconds that all its processes computed, and the peak memory (MiB) of all of them together;
 * `own` is that of a node program which was started with `nodeArguments`.
 */
export function runMeasured(line, { cwd, env }) {
  // Node tells its own peak on descriptor 3, the shell the times of all that it waited for on 4.
  const script = `set -o pipefail; ${line}\ncode=$?; times >&4; exit $code`;
  return new Promise((done, failed) => {
    const start = process.hrtime.bigint();
    const stdio = ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'];
    // A session of its own for each, since Linux shares its cores among sessions first.
    const child = spawn('bash', ['-c', script], { cwd, env, stdio, detached: true });
    const children = watchChildren(child.pid);
    const [errors, memory, times] = [2, 3, 4].map((descriptor) => collect(child.stdio[descriptor]));
    child.on('error', failed);
    child.on('close', (code) => {
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      const together = children.end();
      if (code !== 0) return failed(new Error(`${line}\nended with ${code}\n${errors()}`));
      const own = memory() ? Number(memory()) / 1024 : undefined;
      return done({ seconds, cpuSeconds: cpuSeconds(times()), together, own, said: errors() });
    });
  });
}

/** Words of the shell that start a node program whose peak memory is told. */
export function nodeCommand(...args) {
  return [process.execPath, '--require', PEAK_MEMORY, ...args].map(quoted).join(' ');
}

export function quoted(word) {
  return `'${String(word).replaceAll("'", `'\\''`)}'`;
}

function collect(stream) {
  let text = '';
  stream.on('data', (chunk) => (text += chunk));
  return () => text;
}

/** The second line of `times` is that of the children: `0m1.5s 0m0.2s`. */
function cpuSeconds(text) {
  const [, line = ''] = text.split('\n');
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
}
