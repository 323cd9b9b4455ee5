import { readFile, readdir, readlink } from 'node:fs/promises';
import type { Machine } from '../machine';

/**
 * Processes that belong to a folder: its path stands in what they were started with, or they work in it, as those that
 * PostgreSQL's server starts do. This process is none. https://man7.org/linux/man-pages/man5/proc.5.html
 * @returns none where the system has no /proc
 */
export async function processesOf(folder: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc').catch(() => [])) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const said = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const works = await readlink(`/proc/${name}/cwd`).catch(() => '');
    if (said.split(/[\0=]/).some((word) => isIn(word, folder)) || isIn(works, folder)) found.push(pid);
  }
  return found;
}

function isIn(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

/** Seconds that a server has for its end. */
const GRACE_SECONDS = 5;
const LOOK_MILLISECONDS = 100;

/**
 * Ends what runs in a folder, each process by its number, after it was looked at: SIGINT, at which PostgreSQL waits for
 * no client, and SIGTERM, then SIGKILL.
 */
export async function endProcesses(folder: string, machine: Pick<Machine, 'seconds' | 'wait'>): Promise<number> {
  const first = await processesOf(folder);
  for (const pid of first) for (const signal of ['SIGINT', 'SIGTERM'] as const) send(pid, signal);
  const until = machine.seconds() + GRACE_SECONDS;
  while ((await processesOf(folder)).length > 0 && machine.seconds() < until) await machine.wait(LOOK_MILLISECONDS);
  // Servers start their own again for some seconds: who starts them is among those that are ended.
  for (const pid of await processesOf(folder)) send(pid, 'SIGKILL');
  while ((await processesOf(folder)).length > 0 && machine.seconds() < until + GRACE_SECONDS)
    await machine.wait(LOOK_MILLISECONDS);
  return first.length;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone, or somebody else's.
  }
}
