import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../lib/synth.mjs';
import { quoted } from './run-measured.mjs';

/** Words of the shell that start the AWS command line: the user's own, or the one that `servers:install` made. */
export function awsCommand() {
  if (spawnSync('aws', ['--version']).status === 0) return 'aws';
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'test/servers/pins.json'), 'utf8')).awscli;
  const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  const file = path.join(cache, 'hypnoscript-dr/servers', `awscli-${version}`, 'bin/aws');
  if (!existsSync(file)) throw new Error('aws is missing; install it with: npm run servers:install');
  return quoted(file);
}
