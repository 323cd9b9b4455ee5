import type { GoogleTaskStore } from '../contract/google-tasks';
import type { Right } from './task-names';

/** A role on a bucket, under a condition in the language of IAM's conditions. */
export interface ConditionalRight {
  readonly right: Extract<Right, 'create' | 'list' | 'read' | 'remove'>;
  /** For people: at most 100 characters. */
  readonly title: string;
  readonly condition: string;
}

/** A bucket as an identity of a task sees it. */
export interface TaskBucket extends Pick<GoogleTaskStore, 'bucket' | 'prefixes'> {
  /** Name of the data set: the folder of its ledger. */
  readonly dataSet: string;
}

/**
 * What a backup may do: create objects under its own prefixes, list them, and read its manifests. It reads no content;
 * it overwrites and deletes nothing, since overwriting needs the right to delete; and it never touches what lies below
 * `_`.
 * @see https://cloud.google.com/storage/docs/access-control/iam-permissions
 */
export function renderWriter(bucket: TaskBucket): readonly ConditionalRight[] {
  const own = isData(bucket);
  return [
    { right: 'create', title: 'own data', condition: own },
    { right: 'list', title: 'own data', condition: listsUnder(bucket.prefixes) },
    { right: 'read', title: 'own manifests', condition: `${own} && ${IS_MANIFEST}` },
  ];
}

/**
 * A host has one identity for its backups and for its own folder: pruning that folder goes by what the ledger says is
 * verified elsewhere. It may read the ledger, and like every writer never write it.
 */
export function renderHostWriter(bucket: TaskBucket): readonly ConditionalRight[] {
  const ledger = ledgerOf(bucket);
  return [
    { right: 'create', title: 'own data', condition: isData(bucket) },
    { right: 'list', title: 'own data and ledger', condition: listsUnder([...bucket.prefixes, ledger]) },
    {
      right: 'read',
      title: 'own manifests and ledger',
      condition: `(${isData(bucket)} && ${IS_MANIFEST}) || ${isUnder(bucket, ledger)}`,
    },
  ];
}

/**
 * What a copy job may do where it fills: what a backup may, and read what lies there, so that an interrupted copy goes on
 * and what was deleted is not brought back. It reads the same bytes at its source.
 */
export function renderCopier(bucket: TaskBucket): readonly ConditionalRight[] {
  const ledger = ledgerOf(bucket);
  return [
    { right: 'create', title: 'own data', condition: isData(bucket) },
    { right: 'list', title: 'own data and ledger', condition: listsUnder([...bucket.prefixes, ledger]) },
    { right: 'read', title: 'own data and ledger', condition: `(${isData(bucket)}) || ${isUnder(bucket, ledger)}` },
  ];
}

/** Where what a restore without us needs lies beside the data: whoever verifies may create there, and read nothing. */
const RECOVERY = '_recovery/';

/** What a verification may do: read everything of the task, and create entries of its own ledger. */
export function renderVerifier(bucket: TaskBucket): readonly ConditionalRight[] {
  const ledger = ledgerOf(bucket);
  return [
    { right: 'read', title: 'own data and ledger', condition: `(${isData(bucket)}) || ${isUnder(bucket, ledger)}` },
    { right: 'list', title: 'own data and ledger', condition: listsUnder([...bucket.prefixes, ledger, RECOVERY]) },
    {
      right: 'create',
      title: 'own ledger and recovery',
      condition: anyOf([ledger, RECOVERY].map((name) => isUnder(bucket, name))),
    },
  ];
}

/**
 * What a test restore may do: read what a verification reads, and create records of its own data set beside those that
 * are there. It writes no ledger: what it restored is no word on what is stored.
 */
export function renderRestorer(bucket: TaskBucket): readonly ConditionalRight[] {
  const ledger = ledgerOf(bucket);
  const records = `_records/${bucket.dataSet}/`;
  const [title, folders] = ['own data, ledger and records', [ledger, records]];
  const isIn = folders.map((folder) => isUnder(bucket, folder));
  return [
    { right: 'read', title, condition: anyOf([`(${isData(bucket)})`, ...isIn]) },
    { right: 'list', title, condition: listsUnder([...bucket.prefixes, ...folders]) },
    { right: 'create', title: 'own records', condition: isUnder(bucket, records) },
  ];
}

/** What pruning may do: read ledger and manifests, list both, and delete the task's data. */
export function renderPruner(bucket: TaskBucket): readonly ConditionalRight[] {
  const ledger = ledgerOf(bucket);
  const own = isData(bucket);
  return [
    {
      right: 'read',
      title: 'own manifests and ledger',
      condition: `(${own} && ${IS_MANIFEST}) || ${isUnder(bucket, ledger)}`,
    },
    { right: 'list', title: 'own data and ledger', condition: listsUnder([...bucket.prefixes, ledger]) },
    { right: 'remove', title: 'own data', condition: own },
  ];
}

/**
 * What the prober may do in a bucket: read the ledgers, and list the records of test restores, and the data, of which
 * pruning may have left too much.
 */
export function renderProber({
  bucket,
  prefixes,
}: Pick<TaskBucket, 'bucket' | 'prefixes'>): readonly ConditionalRight[] {
  const data = [...new Set(prefixes)].sort();
  return [
    { right: 'read', title: 'ledgers', condition: isUnder({ bucket }, '_verified/') },
    {
      right: 'list',
      title: 'ledgers, records and data',
      // A condition has an end: the names of more are those of all.
      condition: listsUnder(data.length > NAMES_OF_PROBER ? [''] : ['_verified/', '_records/', ...data]),
    },
  ];
}

/** Prefixes of data that are named one by one, beside two of the protocol's. */
const NAMES_OF_PROBER = 10;

/** Reading what lies in a folder of the bucket of the configuration. */
export function renderReader(bucket: string, folder: string): ConditionalRight {
  return { right: 'read', title: 'task manifest', condition: isUnder({ bucket }, folder) };
}

/** A bucket as somebody sees it who copies several data sets out of it. */
export interface ReadBucket extends Pick<GoogleTaskStore, 'bucket' | 'prefixes'> {
  readonly dataSets: readonly string[];
}

/** A condition has 12 operators: names of one, with an operator between two of them. https://cloud.google.com/iam/quotas */
const NAMES_OF_CONDITION = 12;
/** One role and one principal may have 20 conditions in a policy, and a policy some hundred of all: more names are all data. */
const CONDITIONS = 10;

/** What copy jobs of another cloud may do where they read: everything of their data sets, and their ledgers. */
export function renderCopyReader({ bucket, prefixes, dataSets }: ReadBucket): readonly ConditionalRight[] {
  const names = [...prefixes, ...dataSets.map((dataSet) => ledgerOf({ dataSet }))];
  const parts = Array.from({ length: Math.ceil(names.length / NAMES_OF_CONDITION) }, (_, part) =>
    names.slice(part * NAMES_OF_CONDITION, (part + 1) * NAMES_OF_CONDITION),
  );
  if (parts.length > CONDITIONS) return allData(bucket);
  return parts.flatMap((some, index): ConditionalRight[] => {
    const title = parts.length === 1 ? 'copied data and ledgers' : `copied data and ledgers, part ${index + 1}`;
    return [
      { right: 'list', title, condition: listsUnder(some) },
      { right: 'read', title, condition: anyOf(some.map((name) => isUnder({ bucket }, name))) },
    ];
  });
}

/** All data of a bucket and all of its ledgers: what else lies below `_` is nobody's who copies. */
function allData(bucket: string): readonly ConditionalRight[] {
  const title = 'all data and ledgers';
  const [data, protocol, ledgers] = ['', '_', '_verified/'].map((name) => isUnder({ bucket }, name));
  const lists = `(${ASKED} != "" && !${ASKED}.startsWith("_")) || ${listsUnder(['_verified/'])}`;
  return [
    { right: 'list', title, condition: lists },
    { right: 'read', title, condition: `(${data} && !${protocol}) || ${ledgers}` },
  ];
}

const IS_MANIFEST = 'resource.name.endsWith(".manifest.json")';
const ASKED = 'api.getAttribute("storage.googleapis.com/objectListPrefix", "")';

function ledgerOf({ dataSet }: Pick<TaskBucket, 'dataSet'>): string {
  return `_verified/${dataSet}/`;
}

/** Under one of the prefixes, and not below `_`, whatever a prefix is. */
function isData({ bucket, prefixes }: TaskBucket): string {
  return `(${anyOf(prefixes.map((prefix) => isUnder({ bucket }, prefix)))}) && !${isUnder({ bucket }, '_')}`;
}

function isUnder({ bucket }: Pick<TaskBucket, 'bucket'>, prefix: string): string {
  return `resource.name.startsWith(${quoted(`projects/_/buckets/${bucket}/objects/${prefix}`)})`;
}

/** Whether the prefix that a listing asks for is under one of these. https://cloud.google.com/iam/docs/conditions-attribute-reference#api-attributes */
function listsUnder(prefixes: readonly string[]): string {
  return anyOf(prefixes.map((prefix) => `${ASKED}.startsWith(${quoted(prefix)})`));
}

function anyOf(conditions: readonly string[]): string {
  return conditions.join(' || ');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
