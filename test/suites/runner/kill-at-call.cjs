'use strict';

/**
 * Loaded before the program (`node --require`): kills the process just before its n-th call that changes something
 * below the folders, counted from the first call that brings a file to disk, which is after the source was read.
 * KILL_AT is n, KILL_BELOW are the folders, separated by colons. KILL_PROGRAM is one whose starts count as well, for a
 * source that is read by many of them: it is counted from its KILL_FROM-th start after such a call.
 */
const { kill, pid, env } = process;
const files = require('node:fs/promises');
const processes = require('node:child_process');

const last = Number(env.KILL_AT);
const folders = env.KILL_BELOW.split(':');
const program = env.KILL_PROGRAM;
/** Paths of files that are open for writing. */
const paths = new WeakMap();
let calls = 0;
let synced = false;
/** Starts that are passed over yet. */
let startsBefore = program === undefined ? 0 : Number(env.KILL_FROM);

const isOurs = (path) => typeof path === 'string' && folders.some((one) => path === one || path.startsWith(`${one}/`));

function count(name, path) {
  if (name === 'start' ? path !== program : !isOurs(path)) return;
  synced ||= name === 'sync';
  if (synced && name === 'start') startsBefore -= 1;
  if (!synced || startsBefore > 0) return;
  calls += 1;
  if (calls === last) {
    require('node:fs').writeSync(2, `killed before ${name} ${path}\n`);
    kill(pid, 'SIGKILL');
  }
}

for (const name of ['link', 'unlink', 'rename', 'mkdir', 'rm', 'rmdir', 'copyFile', 'utimes']) {
  const real = files[name];
  files[name] = (path, ...rest) => {
    count(name, path);
    return real(path, ...rest);
  };
}

const { spawn } = processes;
processes.spawn = (file, ...rest) => {
  count('start', file);
  return spawn(file, ...rest);
};

const { open } = files;
let patched = false;
files.open = async (path, flags = 'r', ...rest) => {
  if (flags !== 'r') count('open', path);
  const file = await open(path, flags, ...rest);
  paths.set(file, path);
  if (!patched) patch(Object.getPrototypeOf(file));
  return file;
};

function patch(prototype) {
  patched = true;
  const { sync, write } = prototype;
  prototype.sync = function countedSync() {
    count('sync', paths.get(this));
    return sync.call(this);
  };
  // Only the first one of a file: how many there are is a matter of how bytes come.
  const begun = new WeakSet();
  prototype.write = function countedWrite(...args) {
    if (!begun.has(this)) count('write', paths.get(this));
    begun.add(this);
    return write.apply(this, args);
  };
}
