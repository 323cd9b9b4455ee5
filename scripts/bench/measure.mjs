import { spawn } from 'node:child_process';
import path from 'node:path';

const PEAK_MEMORY = path.join(import.meta.dirname, 'peak-memory.cjs');

/** Runs one node program to its end: seconds from its start to its exit, and its peak memory in MiB. */
export function measure({ args, cwd, env }) {
  return new Promise((done, failed) => {
    const start = process.hrtime.bigint();
    const child = spawn(process.execPath, ['--require', PEAK_MEMORY, ...args], {
      cwd,
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    let memory = '';
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.stdio[3].on('data', (chunk) => (memory += chunk));
    child.on('error', failed);
    child.on('close', (code) => {
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      if (code === 0) done({ seconds, mebibytes: Number(memory) / 1024 });
      else failed(new Error(`${args.join(' ')} ended with ${code}\n${errors}`));
    });
  });
}

export function median(values) {
  const sorted = [...values].sort((one, two) => one - two);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
