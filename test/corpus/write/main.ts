import { existsSync } from 'node:fs';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { startAzurite } from '../../servers/azurite';
import type { AzuriteServer } from '../../servers/azurite';
import { startMariadb } from '../../servers/mariadb';
import { startPostgres } from '../../servers/postgres';
import { fileEntries } from '../file-entries';
import { FILES_ROOT, FILE_CHANGES, clearFiles, fillFiles } from './files';
import { fillMariadb, mariadbAnswers } from './mariadb';
import { fillPostgres, postgresAnswers } from './postgresql';
import { writeSet } from './set';
import type { SetPlan } from './set';
import { databaseSource } from './task';
import type { SetTask } from './task';

/** Sets of a version: each names its folder, and what is particular about it. */
interface Target {
  /** `released/<version>`, which must not be there. */
  readonly folder: string;
  readonly version: string;
}

type Particular = Pick<SetTask, 'compression' | 'encryption' | 'options'> & { readonly segments?: 'small' };

/** Writes all sets of a version; servers are started and ended here. */
export async function writeCorpus({ folder, version }: Target): Promise<void> {
  if (existsSync(folder)) throw new Error(`${folder} is there: what a version stored is never written again`);
  const azurite = await startAzurite();
  try {
    await BlobServiceClient.fromConnectionString(azurite.connectionString()).createContainer('corpus');
    const common = (set: string, { segments, ...particular }: Particular) => ({
      folder: path.join(folder, set),
      version,
      environment: azurite.environment,
      particular: { ...particular, ...(segments && { blobs: blobs(azurite, set) }) },
    });
    await postgresqlSets(common);
    await mariadbSets(common);
    await fileSets(common);
  } finally {
    await azurite.stop();
  }
}

type Common = (
  set: string,
  particular: Particular,
) => Pick<SetPlan, 'folder' | 'version' | 'environment'> & {
  readonly particular: Omit<Particular, 'segments'> & Pick<SetTask, 'blobs'>;
};

function blobs({ account }: AzuriteServer, set: string): SetTask['blobs'] {
  const node = { id: 'corpus', from: [] };
  return { ...node, store: 'blobs', cloud: 'azure', region: 'westeurope', account, bucket: 'corpus', path: `${set}/` };
}

async function postgresqlSets(common: Common): Promise<void> {
  const sets: Readonly<Record<string, Particular>> = {
    'postgresql-custom': { options: { format: 'custom' }, compression: 'gzip', encryption: 'none', segments: 'small' },
    'postgresql-directory': { options: { format: 'directory' }, compression: 'gzip', encryption: 'age' },
    'postgresql-plain': { options: { format: 'plain' }, compression: 'zstd', encryption: 'age', segments: 'small' },
    'postgresql-tar': { options: { format: 'tar' }, compression: 'gzip', encryption: 'none' },
    'postgresql-raw': { options: { format: 'custom', compression: false }, compression: 'none', encryption: 'none' },
  };
  const server = await startPostgres();
  try {
    await fillPostgres(server);
    for (const [set, one] of Object.entries(sets)) {
      const { particular, environment, ...plan } = common(set, one);
      await writeSet({
        ...plan,
        environment: { ...environment, ...server.environment },
        task: { engine: 'postgresql', tool: 'pg_dump', source: databaseSource('shop'), ...particular },
        steps: [{ type: 'full' }],
        contents: async () => ({ kind: 'postgresql', answers: await postgresAnswers(server) }),
      });
    }
  } finally {
    await server.stop();
  }
}

async function mariadbSets(common: Common): Promise<void> {
  const changes = [
    'UPDATE shop.accounts SET balance = balance + 5 WHERE id = 1; DELETE FROM shop.events WHERE n < 9',
    `INSERT INTO shop.texts (id, words) VALUES (9, 'in the second log'); DROP TABLE shop.loose`,
  ];
  const sets: readonly [string, Particular, readonly string[]][] = [
    ['mariadb-gzip', { compression: 'gzip', encryption: 'none' }, changes],
    ['mariadb-zstd', { compression: 'zstd', encryption: 'age', segments: 'small' }, changes.slice(0, 1)],
  ];
  for (const [set, one, logs] of sets) {
    const { particular, environment, ...plan } = common(set, one);
    const server = await startMariadb();
    try {
      await fillMariadb(server);
      await writeSet({
        ...plan,
        environment: { ...environment, ...server.environment },
        task: { engine: 'mariadb', tool: 'mariadb-dump', source: databaseSource(), ...particular },
        steps: [{ type: 'full' }, ...logs.map((sql) => ({ type: 'log' as const, before: () => server.sql(sql) }))],
        contents: async () => ({ kind: 'mariadb', answers: await mariadbAnswers(server) }),
      });
    } finally {
      await server.stop();
    }
  }
}

async function fileSets(common: Common): Promise<void> {
  const sets = [
    [
      'files-zstd',
      ['full', 'incremental', 'differential', 'incremental'],
      { compression: 'zstd', encryption: 'age', segments: 'small' },
    ],
    ['files-none', ['full', 'incremental'], { compression: 'none', encryption: 'none' }],
  ] as const;
  for (const [set, types, one] of sets) {
    const { particular, ...plan } = common(set, one);
    clearFiles();
    try {
      fillFiles();
      await writeSet({
        ...plan,
        task: {
          engine: 'files',
          tool: 'tar',
          source: { kind: 'files', paths: [FILES_ROOT], exclude: [], hidden: true, permissions: true, ownership: true },
          ...particular,
        },
        steps: types.map((type, index) => ({ type, before: () => FILE_CHANGES[index - 1]?.() })),
        contents: () => ({ kind: 'files', root: FILES_ROOT, entries: fileEntries(FILES_ROOT) }),
      });
    } finally {
      clearFiles();
    }
  }
}
