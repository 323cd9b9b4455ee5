import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../lib/synth.mjs';
import { COLUMNS } from './files.mjs';
import { nodeCommand, quoted, runMeasured } from './run-measured.mjs';
import { databaseOf, shell } from './sources.mjs';
import { emptyBucket, readStream } from './stored.mjs';

/** The source of restores: a table for each part of the files, so that jobs have something to share. */
export const RESTORED = 'tables';

const JOBS = 4;
const INTO = 'bench_restored';

/**
 * Restores of one backup, by the runner from the store, and by pg_restore from a local file: the very archive that is
 * stored, and one that pg_dump wrote into a file, in which it could note where each table begins. All of them build the
 * indexes and analyze, since a database without statistics is not back yet.
 * @returns the measured runs, a list for each of the three
 */
export async function benchRestores(world, { parts }, tasks, rounds) {
  const { env, kit, scratch, postgres } = world;
  const source = databaseOf(RESTORED);
  await postgres.sql(`CREATE DATABASE ${source}`);
  for (const [number, part] of parts.entries()) {
    const statements = [
      'BEGIN',
      `CREATE TABLE orders_${number} (${COLUMNS})`,
      `COPY orders_${number} FROM STDIN (FREEZE)`,
      'COMMIT',
    ];
    const words = statements.map((one) => `-c ${quoted(one)}`).join(' ');
    await shell(`cat ${quoted(part)}/*.tsv | psql -Xq -v ON_ERROR_STOP=1 -d ${source} ${words}`, env);
  }
  const program = path.join(ROOT, 'dist/bin/runner.js');
  const state = path.join(scratch, 'restore-state');
  // The password of a restore is never that of the source by accident.
  const own = { ...env, HYPDR_STATE: state, HYPDR_RESTORE_PASSWORD: env.PGPASSWORD };
  const run = (line) => runMeasured(line, { cwd: scratch, env: own });
  const runner = (...words) =>
    nodeCommand(...kit.NODE_FLAGS, program, ...words, '--task', tasks[`postgresql_${RESTORED}`]);
  await run(runner('backup', '--type', 'full'));
  await run(runner('verify', '--quick'));
  const folder = path.join(scratch, 'archives');
  mkdirSync(folder);
  const [stored, seekable] = ['stored', 'seekable'].map((name) => path.join(folder, name));
  await shell(`${await readStream(world, 'pg_custom')} > ${quoted(stored)}`, env);
  await shell(`pg_dump -Fc -f ${quoted(seekable)} ${source}`, env);

  const plain = (file) =>
    `createdb -T template0 ${INTO} && pg_restore --exit-on-error --jobs=${JOBS} -d ${INTO} ${quoted(file)} && psql -Xq -d ${INTO} -c ANALYZE`;
  const target = `postgresql://${env.PGUSER}@127.0.0.1:${env.PGPORT}/${INTO}`;
  const ways = {
    stored: plain(stored),
    seekable: plain(seekable),
    runner: runner('restore', '--from', 'latest', '--target', target),
  };
  const measured = { stored: [], seekable: [], runner: [] };
  const names = Object.keys(ways);
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      measured[name].push(await run(ways[name]));
      await sameRows(env, source);
      await postgres.sql(`DROP DATABASE ${INTO}`);
      // What one leaves to be written is not the next one's work.
      await postgres.sql('CHECKPOINT');
    }
  }
  await postgres.sql(`DROP DATABASE ${source}`);
  await emptyBucket(world);
  rmSync(folder, { recursive: true });
  return measured;
}

async function sameRows(env, source) {
  const sums = (database) =>
    shell(
      `psql -Xq -v ON_ERROR_STOP=1 -d ${database} -Atc "SELECT count(*), sum(id), sum(amount), max(token) FROM orders_0"`,
      env,
    );
  const [expected, found] = [await sums(source), await sums(INTO)];
  if (expected !== found) throw new Error('what was restored is not what was backed up');
}
