/**
 * Two benches, each as ratios within one run, with rounds that alternate, so that a busy machine slows all alike:
 * whole commands beside apps without us (bench/commands.mjs), and backups beside plain pipes (bench/runner.mjs), which
 * needs the servers that `npm run servers:install` brings.
 *
 * Usage: node scripts/bench.mjs [--only commands|runner] [--rounds N] [--runner-rounds N] [--full] [--strict]
 * `--full` also takes backups of databases of 2.5 GB; with `--strict` a missed aim ends with 1, which a busy machine can
 * cause too.
 */
import { parseArgs } from 'node:util';
import { benchCommands } from './bench/commands.mjs';
import { benchRunner } from './bench/runner.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    'runner-rounds': { type: 'string', default: '3' },
    full: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
  },
});
const met = [];
if (values.only !== 'runner') met.push(await benchCommands({ rounds: Number(values.rounds) }));
if (values.only !== 'commands') {
  met.push(await benchRunner({ rounds: Number(values['runner-rounds']), full: values.full }));
}
if (values.strict && met.includes(false)) process.exitCode = 1;
