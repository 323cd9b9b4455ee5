import type { AzureTaskStore } from '../contract/azure-tasks';
import { cover } from '../plan/cover';
import type { BlobCondition } from './condition';

/** A container as an identity of a task sees it. */
export interface TaskContainer extends Pick<AzureTaskStore, 'prefixes'> {
  /** Name of the data set: the folder of its ledger. */
  readonly dataSet: string;
}

/** What an identity may do in a container: the actions of its role, and the condition under which it has the role. */
export type BlobRights = BlobCondition;

/**
 * What a backup may do: create blobs under its own prefixes, and read its manifests. It reads no content, deletes
 * nothing, retags nothing, and never touches what lies below `_`. Parts of a blob are a `write` on Azure, which would
 * also write over a blob: that the container keeps versions and is immutable is what stands against it.
 */
export function writerRights({ prefixes }: TaskContainer): BlobRights {
  return {
    actions: ['read', 'write', 'add'],
    rules: [
      { actions: ['write', 'add'], paths: under(prefixes) },
      { actions: ['read'], paths: manifestsUnder(prefixes) },
    ],
    lists: prefixes,
  };
}

/**
 * What a copy job may do where it fills: what a backup may, and read what lies there, so that an interrupted copy goes on
 * and what was deleted is not brought back. It reads the same bytes at its source.
 */
export function copierRights(container: TaskContainer): BlobRights {
  const all = [...container.prefixes, ledgerOf(container)];
  return {
    actions: ['read', 'write', 'add'],
    rules: [
      { actions: ['write', 'add'], paths: under(container.prefixes) },
      { actions: ['read'], paths: under(all) },
    ],
    lists: all,
  };
}

/**
 * A host has one identity for its backups and for its own folder: pruning that folder goes by what the ledger says is
 * verified elsewhere. It may read the ledger, and like every writer never write it.
 */
export function hostRights(container: TaskContainer): BlobRights {
  const writer = writerRights(container);
  const ledger = ledgerOf(container);
  return {
    ...writer,
    rules: [...writer.rules, { actions: ['read'], paths: under([ledger]) }],
    lists: [...writer.lists, ledger],
  };
}

/** Where what a restore without us needs lies beside the data: whoever verifies may create there, and read nothing. */
const RECOVERY = '_recovery/';

/** What a verification may do: read everything of the task, every version, and create entries of its own ledger. */
export function verifierRights(container: TaskContainer): BlobRights {
  const ledger = ledgerOf(container);
  const all = [...container.prefixes, ledger];
  return {
    actions: ['read', 'add'],
    rules: [
      { actions: ['read'], paths: under(all) },
      // To create a blob is enough, and nothing there is written over: an entry of the ledger is one Put Blob.
      { actions: ['add'], paths: under([ledger, RECOVERY]) },
    ],
    lists: [...all, RECOVERY],
  };
}

/**
 * What a test restore may do: read what a verification reads, and create records of its own data set. It writes no
 * ledger: what it restored is no word on what is stored. A record is one Put Blob, for which the right to create is
 * enough; without `write` nothing that is there can be written over.
 * @see https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes#create-a-blob-or-snapshot-or-append-data
 */
export function restorerRights(container: TaskContainer): BlobRights {
  const records = `_records/${container.dataSet}/`;
  const all = [...container.prefixes, ledgerOf(container), records];
  return {
    actions: ['read', 'add'],
    rules: [
      { actions: ['read'], paths: under(all) },
      { actions: ['add'], paths: under([records]) },
    ],
    lists: all,
  };
}

/**
 * What asks for archived data before a test restore may do: read ledger and manifests, list what there is, and move the
 * task's blobs to another tier. It reads none of them and writes nothing: lists say what is archived and what is on its
 * way. To which tier, no condition can say.
 * @see https://learn.microsoft.com/rest/api/storageservices/set-blob-tier#authorization
 */
export function thawerRights(container: TaskContainer): BlobRights {
  const { prefixes } = container;
  const ledger = ledgerOf(container);
  return {
    actions: ['read', 'tier'],
    rules: [
      { actions: ['read'], paths: [...under([ledger]), ...manifestsUnder(prefixes)] },
      { actions: ['tier'], paths: under(prefixes) },
    ],
    lists: [...prefixes, ledger],
  };
}

/** What pruning may do: read ledger and manifests, list, and delete the task's data and its versions. */
export function prunerRights(container: TaskContainer): BlobRights {
  const { prefixes } = container;
  const ledger = ledgerOf(container);
  return {
    actions: ['read', 'delete', 'deleteVersion'],
    rules: [
      { actions: ['read'], paths: [...under([ledger]), ...manifestsUnder(prefixes)] },
      { actions: ['delete', 'deleteVersion'], paths: under(prefixes) },
    ],
    lists: [...prefixes, ledger],
  };
}

/** What copy jobs of another cloud may do where they read: everything of their data sets, and their ledgers. */
export function readerRights({ prefixes, dataSets }: ReadContainer): BlobRights {
  const named = [...prefixes, ...dataSets.map((dataSet) => ledgerOf({ prefixes, dataSet }))];
  const all = dataSets.length > NAMED ? [''] : named;
  return { actions: ['read'], rules: [{ actions: ['read'], paths: under(all) }], lists: all };
}

/** Data sets that are named one by one: a condition has 8 kB, and more than these are the whole container. */
const NAMED = 10;

export interface ReadContainer extends Pick<AzureTaskStore, 'prefixes'> {
  readonly dataSets: readonly string[];
}

/**
 * What the prober may do: read the ledgers of all data sets, and list the records of their test restores, and their data, of
 * which pruning may have left too much.
 */
export function proberRights({ prefixes }: Pick<TaskContainer, 'prefixes'>): BlobRights {
  return {
    actions: ['read'],
    rules: [{ actions: ['read'], paths: ['_verified/*'] }],
    lists: ['_verified/', '_records/', ...cover(prefixes)],
  };
}

/** What reading one file of the configuration takes. */
export function configRights(names: readonly string[]): BlobRights {
  return { actions: ['read'], rules: [{ actions: ['read'], paths: names }], lists: [] };
}

function ledgerOf({ dataSet }: TaskContainer): string {
  return `_verified/${dataSet}/`;
}

function under(prefixes: readonly string[]): readonly string[] {
  return prefixes.map((prefix) => `${prefix}*`);
}

function manifestsUnder(prefixes: readonly string[]): readonly string[] {
  return prefixes.map((prefix) => `${prefix}*.manifest.json`);
}
