import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { quoted } from './run-measured.mjs';
import { databaseOf, shell } from './sources.mjs';
import { readStream } from './stored.mjs';

const DATABASE = databaseOf('small');

/**
 * Restores the small backup that lies in the bucket by plain tools, and compares each row with the files that its source
 * was loaded from, or each file. @throws where something differs
 */
export async function restoreAndCompare(world, { parts }, dataSet) {
  const { env, scratch, mariadb, postgres } = world;
  const [part] = parts;
  const sameRows = async (select) => {
    const [expected, found] = await Promise.all([
      shell(`cat ${quoted(part)}/*.tsv | sha256sum`, env),
      shell(`${select} | sha256sum`, env),
    ]);
    if (expected !== found) throw new Error(`${dataSet}: what was restored is not what was backed up`);
  };
  const restore = {
    async postgresql() {
      await postgres.sql('CREATE DATABASE restored');
      await shell(`${await readStream(world, 'pg_custom')} | pg_restore --exit-on-error -d restored`, env);
      await sameRows(`psql -Xq -d restored -c 'COPY (SELECT * FROM orders ORDER BY id) TO STDOUT'`);
    },
    async mariadb() {
      // The dump makes the database again: what is read afterwards comes from the backup alone.
      await mariadb.sql(`DROP DATABASE ${DATABASE}`);
      const client = `mariadb --defaults-file=${quoted(mariadb.optionFile)}`;
      const quietly = `${client} --init-command='SET sql_log_bin=0'`;
      await shell(`${await readStream(world, 'sql')} | gunzip | ${quietly}`, env);
      await sameRows(`${client} --batch --skip-column-names --quick ${DATABASE} -e 'SELECT * FROM orders ORDER BY id'`);
    },
    async files() {
      const folder = path.join(scratch, 'restored');
      mkdirSync(folder);
      const extract = `tar --extract --listed-incremental=/dev/null -C ${quoted(folder)}`;
      await shell(`${await readStream(world, 'tar')} | zstd -qdc | ${extract}`, env);
      await shell(`diff -rq ${quoted(path.join(folder, part))} ${quoted(part)}`, env);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await restore[dataSet]();
}
