import { rmSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../lib/synth.mjs';
import { nodeCommand, quoted, runMeasured } from './run-measured.mjs';
import { databaseOf, PARTS } from './sources.mjs';
import { BUCKET } from './world.mjs';

export const DATA_SETS = ['postgresql', 'mariadb', 'files'];

/** What an administrator types, and what the runner does in its place. Both read the same source, one after the other. */
export function contestOf({ kit, scratch, mariadb, env, aws }, { folder, parts }, tasks) {
  const upload = `${aws} s3 cp --quiet - s3://${BUCKET}/pipe/dump`;
  const below = (size) => parts.slice(0, PARTS[size]).map((part) => quoted(path.relative(folder, part)));
  const pipes = {
    postgresql: (size) => `pg_dump -Fc ${databaseOf(size)} | ${upload}`,
    mariadb: (size) =>
      `mariadb-dump --defaults-file=${quoted(mariadb.optionFile)} --single-transaction ${databaseOf(size)} | gzip | ${upload}`,
    files: (size) => `tar -C ${quoted(folder)} -cf - ${below(size).join(' ')} | zstd -q | ${upload}`,
  };
  const state = path.join(scratch, 'state');
  const run = (line) => runMeasured(line, { cwd: scratch, env: { ...env, HYPDR_STATE: state } });
  return {
    pipe: (dataSet, size) => run(pipes[dataSet](size)),
    runner: (dataSet, size) => {
      rmSync(state, { recursive: true, force: true });
      const program = path.join(ROOT, 'dist/bin/runner.js');
      // As the image and the hosts start it.
      return run(
        nodeCommand(...kit.NODE_FLAGS, program, 'backup', '--task', tasks[`${dataSet}_${size}`], '--type', 'full'),
      );
    },
  };
}
