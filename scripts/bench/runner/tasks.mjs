import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { BUCKET } from './world.mjs';
import { databaseOf } from './sources.mjs';

/** Writes the task manifests of a spec that says what the pipes do; resolves to their paths by engine and size. */
export function writeTasks({ kit, scratch, postgres, mariadb }, { parts, sizes }, partsOf) {
  const storage = (name) => `storage: { s3: { bucket: "${BUCKET}" region: "us-east-1" path: "${name}/" } }`;
  const names = (engine, all) => all.map((size) => [size, `${engine}_${size}`]);
  const databases = [
    // Between server and tool as in the pipe: not compressed, on one machine.
    ['postgresql', 'type: "pg_dump" settings: { parallel_jobs: 4 }', postgres.port],
    ['mariadb', 'engine: "mariadb" type: "mariadb-dump" settings: { compress: false }', mariadb.port],
  ];
  const files = names('files', Object.keys(partsOf));
  const compiled = [
    ...compileTasks(kit, {
      compression: 'gzip',
      sets: `database: { ${databases.flatMap(([engine, type]) => names(engine, sizes).map(([, name]) => `${name}: { ${type} ${storage(name)} }`)).join('\n')} }`,
      sources: `database { ${databases.flatMap(([engine, , port]) => names(engine, sizes).map(([size, name]) => `${name}: { primary: { host: "127.0.0.1" port: ${port} database: "${databaseOf(size)}" ssl_mode: "prefer" } }`)).join('\n')} }`,
    }),
    ...compileTasks(kit, {
      compression: 'zstd',
      sets: `filesystem: { ${files
        .map(
          ([size, name]) =>
            `${name}: { paths: [${parts
              .slice(0, partsOf[size])
              .map((one) => `"${one}"`)
              .join(' ')}] ${storage(name)} }`,
        )
        .join('\n')} }`,
      sources: '',
    }),
  ];
  return Object.fromEntries(
    compiled.map((task) => {
      const file = path.join(scratch, `${task.name}.json`);
      writeFileSync(file, JSON.stringify(task));
      return [task.name, file];
    }),
  );
}

function compileTasks({ compile }, { compression, sets, sources }) {
  const text = `
backup {
  general: {
    backup_window: { start: "01:00" end: "05:00" timezone: "UTC" }
    types: { full: { frequency: "weekly" day: "sunday" retention: 10 compression: "${compression}" } }
  }
  ${sets}
}
${sources}`;
  const options = { environment: {}, unset: 'warning', today: '2026-11-24' };
  const { plan, diagnostics } = compile([{ name: 'bench.hyp', text }], options);
  if (!plan) throw new Error(diagnostics.map((one) => one.message).join('\n'));
  return plan.tasks;
}
