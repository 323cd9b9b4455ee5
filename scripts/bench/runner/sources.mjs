import { spawn } from 'node:child_process';
import path from 'node:path';
import { COLUMNS, PART_BYTES, writeParts } from './files.mjs';
import { quoted } from './run-measured.mjs';

/** Parts of a source by its size. */
export const PARTS = { small: 1, usual: 4, large: 10 };

/** Of rows, or of rows and pictures. */
export const megabytesOf = (dataSet, size) => ((dataSet === 'files' ? 1.25 : 1) * PARTS[size] * PART_BYTES) / 1e6;
export const databaseOf = (size) => `bench_${size}`;

/** Makes the files, and loads databases from them: small and usual ones, with `full` large ones too. */
export async function makeSources({ scratch, postgres, mariadb, env }, { full }) {
  const folder = path.join(scratch, 'files');
  const parts = writeParts(folder, PARTS.large, full ? PARTS.large : PARTS.usual);
  const sizes = ['small', 'usual', ...(full ? ['large'] : [])];
  const client = `mariadb --defaults-file=${quoted(mariadb.optionFile)} --local-infile=1`;
  const rows = (size) =>
    `cat ${parts
      .slice(0, PARTS[size])
      .map((part) => `${quoted(part)}/*.tsv`)
      .join(' ')}`;
  const load = {
    async postgresql(size) {
      await postgres.sql(`CREATE DATABASE ${databaseOf(size)}`);
      // Frozen rows: no reader has to write to the table that it reads.
      const statements = `BEGIN; CREATE TABLE orders (${COLUMNS}); COPY orders FROM STDIN (FREEZE); COMMIT; ANALYZE;`;
      await shell(`${rows(size)} | psql -Xq -v ON_ERROR_STOP=1 -d ${databaseOf(size)} ${asArguments(statements)}`, env);
    },
    async mariadb(size) {
      await mariadb.sql(`CREATE DATABASE ${databaseOf(size)}; CREATE TABLE ${databaseOf(size)}.orders (${COLUMNS})`);
      const statement = `SET sql_log_bin=0, unique_checks=0; LOAD DATA LOCAL INFILE '/dev/stdin' INTO TABLE orders;`;
      await shell(`${rows(size)} | ${client} ${databaseOf(size)} -e ${quoted(statement)}`, env);
    },
  };
  await Promise.all(
    Object.values(load).map(async (one) => {
      for (const size of sizes) await one(size);
    }),
  );
  return { folder, parts, sizes };
}

/** psql runs each of these in one session. */
function asArguments(statements) {
  return statements
    .split(';')
    .map((one) => one.trim())
    .filter(Boolean)
    .map((one) => `-c ${quoted(one)}`)
    .join(' ');
}

/** Runs a line of the shell; throws with what it said when any part of it fails. */
export function shell(line, env) {
  return new Promise((done, failed) => {
    const child = spawn('bash', ['-c', `set -o pipefail; ${line}`], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, errors] = [[], []];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => errors.push(chunk));
    child.on('error', failed);
    child.on('close', (code) => {
      if (code === 0) done(Buffer.concat(out).toString('utf8').trim());
      else failed(new Error(`${line}\nended with ${code}\n${Buffer.concat(errors)}`));
    });
  });
}
