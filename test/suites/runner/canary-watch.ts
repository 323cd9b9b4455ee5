import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A secret that was planted, and the programs in whose environment it may stand. */
export interface Canary {
  readonly name: string;
  readonly value: string;
  /** Names of programs. @default - none */
  readonly seenBy?: readonly string[];
}

/** A program that a run started, as it was given its arguments and its environment. */
export interface SeenProcess {
  readonly argv: readonly string[];
  readonly environment: string;
}

export interface Leak {
  readonly canary: string;
  readonly where: string;
}

/** A secret as it is, and as it stands in addresses, in JSON and in the usual encodings. */
export function shapesOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  return [
    ...new Set([
      ...[value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)],
      ...[bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')],
    ]),
  ];
}

export function leaksInText(text: string, where: string, canaries: readonly Canary[]): readonly Leak[] {
  return canaries
    .filter(({ value }) => shapesOf(value).some((shape) => text.includes(shape)))
    .map(({ name }) => ({ canary: name, where }));
}

/** No secret among arguments; in an environment only those that the program needs. */
export function leaksInProcess({ argv, environment }: SeenProcess, canaries: readonly Canary[]): readonly Leak[] {
  const names = namesOf(argv);
  const barred = canaries.filter(({ seenBy = [] }) => !seenBy.some((one) => names.includes(one)));
  return [
    ...leaksInText(argv.join('\0'), `arguments of ${names.join(' ')}`, canaries),
    ...leaksInText(environment, `environment of ${names.join(' ')}`, barred),
  ];
}

/** `/usr/bin/perl -w /usr/bin/pg_dump --version`, `sh -c '"/usr/bin/pg_dump" -V'`: the interpreter and what it runs. */
export function namesOf(argv: readonly string[]): readonly string[] {
  return argv.slice(0, 3).map((one) => path.basename(one.split(' ')[0]?.replace(/["']/g, '') ?? ''));
}

/**
 * Stand-ins for programs, first on PATH, that write down what they were given before they become the real ones. Whatever
 * lives too short a time for the sampler is seen here.
 */
export function makeShims(folder: string, real: Readonly<Record<string, string | undefined>>): Shims {
  const [bin, seen] = [path.join(folder, 'bin'), path.join(folder, 'seen')];
  for (const one of [bin, seen]) mkdirSync(one, { recursive: true });
  const record = (name: string) => {
    const file = path.join(seen, `$$-${name}`);
    return [`/bin/cat /proc/$$/cmdline > "${file}.argv"`, `/bin/cat /proc/$$/environ > "${file}.environment"`];
  };
  for (const [name, program] of Object.entries(real)) {
    const lines = ['#!/bin/sh', ...record(name), program === undefined ? 'exit 1' : `exec "${program}" "$@"`];
    writeFileSync(path.join(bin, name), `${lines.join('\n')}\n`);
    chmodSync(path.join(bin, name), 0o755);
  }
  return {
    ...{ bin, record },
    take: () => {
      const records = readdirSync(seen).filter((name) => name.endsWith('.argv'));
      const taken = records.map((name) => ({
        argv: wordsOf(read(path.join(seen, name))),
        environment: read(path.join(seen, name.replace(/argv$/, 'environment'))),
      }));
      for (const name of readdirSync(seen)) rmSync(path.join(seen, name));
      return taken;
    },
  };
}

/** What a stand-in itself starts. */
const RECORDING = /^\/bin\/cat\0\/proc\/\d+\//;

export interface Shims {
  /** For PATH. */
  readonly bin: string;
  /** Lines of a shell script of the test's own that write down what it was given, just as the stand-ins do. */
  record(name: string): readonly string[];
  /** All since the last call of this. */
  take(): readonly SeenProcess[];
}

const wordsOf = (cmdline: string) => cmdline.split('\0').slice(0, -1);

/** Looks at all that a process has started, again and again, as fast as it can. */
export class Sampler {
  readonly #seen = new Map<string, SeenProcess>();
  #own = '';

  /** Until `ended` settles. @returns how often it looked */
  async watch(pid: number, ended: Promise<unknown>): Promise<number> {
    let looks = 0;
    let over = false;
    const done = () => void (over = true);
    void ended.then(done, done);
    while (!over) {
      // At first it may be within exec still, where it has none.
      this.#own ||= read(`/proc/${pid}/cmdline`);
      for (const child of descendants(pid)) this.#look(child);
      looks += 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return looks;
  }

  get seen(): readonly SeenProcess[] {
    return [...this.#seen.values()];
  }

  #look(pid: number): void {
    const [cmdline, environment] = [read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`)];
    // Between fork and exec a child is a picture of its parent, and nobody else's.
    if (cmdline === '' || cmdline === this.#own || RECORDING.test(cmdline)) return;
    this.#seen.set(`${cmdline}\n${environment}`, { argv: wordsOf(cmdline), environment });
  }
}

function descendants(pid: number): readonly number[] {
  const found: number[] = [];
  for (const thread of list(`/proc/${pid}/task`)) {
    for (const child of read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number))
      found.push(child, ...descendants(child));
  }
  return found;
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

/** Every file below a folder, with its text. */
export function* filesBelow(folder: string): Generator<{ readonly file: string; readonly text: string }> {
  for (const name of list(folder)) {
    const file = path.join(folder, name);
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) yield* filesBelow(file);
    else yield { file, text: read(file) };
  }
}
