import type { EngineName, TaskManifest } from '../../contract';
import { block, quoted } from './block';
import { mysqlSteps } from './mysql-steps';
import { POSTGRESQL_STEPS } from './postgresql-steps';

/** The store in which a bundle lies, as its recipe speaks of it. */
export interface RecipePlace {
  readonly kind: 's3' | 'azure' | 'google' | 'folder';
  /** Bucket or container. @default - a folder */
  readonly bucket?: string;
  /** Storage account, on Azure. */
  readonly account?: string;
  /** Of a folder, on the host that wrote it. */
  readonly folder?: string;
  /** Beginning of the ledger of the data set there. */
  readonly ledger: string;
}

export interface RecipeInput {
  readonly task: TaskManifest;
  readonly place: RecipePlace;
  /** Folder of the runner's own file beside this one. */
  readonly runner: { readonly folder: string; readonly version: string };
}

/** How what lies in a store is restored on a machine that has nothing of ours: for people, every block as it is run. */
export function renderRecipe({ task, place, runner }: RecipeInput): string {
  return `# ${task.name}: restoring it without us

This store holds backups of ${task.name} (${task.engine}, taken by ${task.tool}). This page and the files beside it are all that a
restore needs, apart from the keys below. Download this folder and \`../${runner.folder}/\` into folders of the same names beside each
other. \`sha256sum SHA256SUMS\` must print the name of this folder; then compare the files:

\`\`\`sh
sha256sum --check --strict SHA256SUMS
\`\`\`

## What has to come from elsewhere

${keysOf(task)
  .map((line) => `- ${line}`)
  .join('\n')}

## With the runner

One file, for Node.js 20 or later, version ${runner.version}. It needs ${TOOLS[task.engine]} too, flock and sync, and a folder for its
state (\`HYPDR_STATE\`). \`TARGET\` is an empty folder for files, or the URL of a server without a password, such as
\`postgresql://restorer@new-host/\`, whose password is in \`HYPDR_RESTORE_PASSWORD\`.

\`\`\`sh runner
node ../${runner.folder}/runner.js restorable --task task.json
node ../${runner.folder}/runner.js restore --task task.json --target "$TARGET"
\`\`\`

## With plain tools alone

bash, jq, awk, GNU sed and grep, date, sha256sum, ${place.kind === 'folder' ? 'find' : CLIENTS[place.kind]}, gzip, zstd, ${usesAge(task) ? 'age, ' : ''}and ${TOOLS[task.engine]}. \`fetch.sh\` finds the newest verified
backup that is not degraded (or the one that is named after \`work\`, such as \`20261122T021500Z-full\`), follows it to its full by the
hashes of parents, reads exactly the versions that were verified, and compares everything with its hashes. It needs room for the chain
twice. A degraded backup lacks something that stands in the warning: it is taken only where it is named.

\`\`\`sh plain
${settingsOf(place)}
bash fetch.sh work
\`\`\`

It says which versions of tools and servers took the backup; a restore wants the same, or newer ones. In \`work/parts\` lie its parts in
their order, each with its \`manifest.json\`. Then:

${STEPS[task.engine](task)}
`;
}

const CLIENTS = { s3: 'aws', azure: 'az', google: 'gcloud' } as const;

const TOOLS: Readonly<Record<EngineName, string>> = {
  files: 'GNU tar',
  postgresql: 'psql, createdb and pg_restore',
  mysql: 'mysql and mysqlbinlog of MySQL',
  mariadb: 'mariadb and mariadb-binlog',
  sqlserver: 'sqlcmd on the server',
};

function usesAge({ local, runs }: TaskManifest): boolean {
  return local?.recipient !== undefined && runs.some(({ encryption }) => encryption);
}

function keysOf(task: TaskManifest): readonly string[] {
  const identity = usesAge(task)
    ? [`the age identity of ${task.local?.recipient}: without it nothing that was encrypted to it can be read`]
    : [];
  const secret =
    task.source.kind === 'database' && task.source.secret
      ? [
          `the password of the source is the secret \`${task.source.secret}\`; a restore into another server needs that one's, not this`,
        ]
      : [];
  return [
    'credentials that may list and read this store, in every version',
    'decryption by the key that the store encrypts with, which lies in the key service and not here',
    ...identity,
    ...secret,
  ];
}

function settingsOf({ kind, bucket, account, folder, ledger }: RecipePlace): string {
  const settings = { KIND: kind, BUCKET: bucket, ACCOUNT: account, FOLDER: folder, LEDGER: ledger };
  return Object.entries(settings)
    .flatMap(([name, value]) => (value === undefined ? [] : [`export ${name}=${quoted(value)}`]))
    .join('\n');
}

const STEPS: Readonly<Record<EngineName, (task: TaskManifest) => string>> = {
  files: () => `As root for owners. tar has to be started in the folder that it fills.

${block(`(
  set -euo pipefail
  mkdir restored
  for part in work/parts/*/; do
    archive=$PWD/\${part}files
    (cd restored && tar --extract --force-local --file="$archive" --listed-incremental=/dev/null --preserve-permissions --numeric-owner --acls --xattrs --xattrs-include='*')
  done
)`)}`,
  postgresql: () => POSTGRESQL_STEPS,
  mysql: (task) => mysqlSteps('mysql', task),
  mariadb: (task) => mysqlSteps('mariadb', task),
  sqlserver:
    () => `Copy \`work/parts\` to where the server reads it. Each stream of each part in its order, all but the last WITH NORECOVERY; \`manifest.json\`
says under \`source.position\` which stream holds which database and of what type it is:

    RESTORE FILELISTONLY FROM DISK = N'...'
    RESTORE DATABASE [name] FROM DISK = N'...' WITH NORECOVERY, CHECKSUM, MOVE N'...' TO N'...'
    RESTORE LOG [name] FROM DISK = N'...' WITH NORECOVERY, CHECKSUM
    RESTORE DATABASE [name] WITH RECOVERY

Logins, roles, jobs and certificates lie in the stream \`server\`: \`sqlcmd -x -i server\`, after the databases.`,
};
