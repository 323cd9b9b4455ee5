import { RestoreRecord } from '../../contract/restore-record';
import type { Place } from '../history';
import { readAll } from '../manifest';
import { isUnfinished, readRecordKey, recordPrefix } from '../object-key';
import { READ_AT_ONCE } from '../read-many';
import { isArchived, unlessArchived } from '../store/archive';
import { StoreError } from '../store/store';
import type { StoredObject } from '../store/store';
import { LARGEST_ENVELOPE_BYTES, decodeEnvelope, preAuthEncoding } from './envelope';
import type { SignedPayload } from './envelope';
import { isGoodSignature } from './public-key';
import type { RecordKey } from './public-key';

/** A record whose signature is one of a known key's, and that is about the data set in whose folder it lies. */
export interface GoodRecord {
  readonly key: string;
  readonly record: RestoreRecord;
}

/** An object that is no record to go by, or that somebody wrote over. */
export interface RecordProblem {
  readonly key: string;
  /**
   * `record`: it is not what a known key signed. `unknown_key`: perhaps it is, and nobody here can tell. `config`: the
   * store gives the list and not this object.
   */
  readonly kind: 'record' | 'unknown_key' | 'config';
  readonly why: string;
}

export interface ReadRecords {
  /** By their own words, the newest first. */
  readonly good: readonly GoodRecord[];
  readonly problems: readonly RecordProblem[];
}

export interface ReadRecordsOptions {
  readonly task: string;
  /** Each signature has to be one of theirs. */
  readonly keys: readonly RecordKey[];
  readonly now: Date;
}

/**
 * Reads every record of a data set in a place. They are only ever created, so the first version of each counts. What an
 * object's name says is not believed: who may create may also choose names. What lies in an archive is passed over.
 * @throws StoreError where there is no list, or something may be given in a while
 */
export async function readRecords({ store }: Pick<Place, 'store'>, options: ReadRecordsOptions): Promise<ReadRecords> {
  const histories = new Map<string, StoredObject[]>();
  for await (const object of store.list(recordPrefix(options.task), { versions: 'all' })) {
    if (isUnfinished(object.key)) continue;
    histories.set(object.key, [...(histories.get(object.key) ?? []), object]);
  }
  const good: GoodRecord[] = [];
  const problems: RecordProblem[] = [];
  const readOne = async ([key, history]: [string, StoredObject[]]) => {
    history.sort((a, b) => a.modified.getTime() - b.modified.getTime() || Number(a.latest) - Number(b.latest));
    const first = history.find((one) => !one.deleteMarker);
    if (history.length > 1 || !first)
      problems.push({ key, kind: 'record', why: 'the record was written or deleted again; its first version counts' });
    if (!first || isArchived(first)) return;
    if (first.bytes > LARGEST_ENVELOPE_BYTES) {
      problems.push({ key, kind: 'record', why: `${first.bytes} bytes are no record` });
      return;
    }
    const { version } = first;
    const reading = store.read(key, { ...(version !== undefined && { version }) }).then(readAll);
    const bytes = await unlessArchived(reading).catch(refusal);
    const judged = Buffer.isBuffer(bytes) ? judge(key, bytes, options) : bytes;
    if (!judged) return;
    if ('why' in judged) problems.push({ key, kind: 'record', ...judged });
    else good.push(judged);
  };
  const waiting = [...histories];
  while (waiting.length > 0) await Promise.all(waiting.splice(0, READ_AT_ONCE).map(readOne));
  const when = ({ record, key }: GoodRecord) => `${Date.parse(record.startedAt).toString().padStart(16, '0')} ${key}`;
  const byKey = (a: { readonly key: string }, b: { readonly key: string }) => (a.key < b.key ? -1 : 1);
  return { good: good.sort((a, b) => (when(a) < when(b) ? 1 : -1)), problems: problems.sort(byKey) };
}

type Judged = Pick<RecordProblem, 'why'> & Partial<Pick<RecordProblem, 'kind'>>;

/** One object that is not given takes nothing from the others. @throws what may be given in a while */
function refusal(error: unknown): Judged {
  if (!(error instanceof StoreError) || error.kind === 'retry') throw error;
  const isGone = error.kind === 'missing' || error.kind === 'damaged';
  return { kind: isGone ? 'record' : 'config', why: `it cannot be read: ${error.message}` };
}

function judge(key: string, bytes: Buffer, options: ReadRecordsOptions): GoodRecord | Judged {
  const name = readRecordKey(key);
  if (!name) return { why: 'it has no name of a record' };
  const envelope = decodeEnvelope(bytes);
  if ('why' in envelope) return envelope;
  // Nothing of it is looked at before somebody known vouches for it.
  const stranger = strangerOf(envelope, options.keys);
  if (stranger) return stranger;
  const parsed = RestoreRecord.safeParse(jsonOf(envelope.payload));
  if (!parsed.success) return { why: unreadable(envelope.payload, parsed.error.issues[0]?.message) };
  const record = parsed.data;
  if (record.task !== options.task) return { why: `it is a record of data set ${record.task}` };
  if (record.kind !== name.kind) return { why: `by its name it is a ${name.kind}, by its words a ${record.kind}` };
  if (Date.parse(record.startedAt) > options.now.getTime())
    return { why: 'it is from the future by its own words: it is never taken as the newest' };
  return { key, record };
}

/** Why no known key vouches for an envelope; `undefined` where one does. The ids in it are hints, and not believed. */
function strangerOf(
  { payloadType, payload, signatures }: SignedPayload,
  keys: readonly RecordKey[],
): Judged | undefined {
  const bytes = preAuthEncoding(payloadType, payload);
  const isGood = signatures.some(({ sig }) => keys.some((key) => isGoodSignature(bytes, sig, key.publicKey())));
  if (isGood) return undefined;
  const known = signatures.some(({ keyid }) => keys.some((key) => key.id === keyid));
  if (known) return { why: 'its signature is not of what it says: it was changed, or never signed by that key' };
  const named = signatures.map(({ keyid }) => keyid?.slice(0, 64) ?? 'no name').join(', ');
  const fix =
    'if somebody of yours made it, name the public half by another --record-key; if nobody did, somebody forged it';
  return { kind: 'unknown_key', why: `it is signed by a key that is not known here (${named}): ${fix}` };
}

function unreadable(payload: Buffer, issue: string | undefined): string {
  const version = (jsonOf(payload) as { version?: unknown } | null | undefined)?.version;
  return typeof version === 'number' && version > 1
    ? `record of version ${version}, which a newer program wrote`
    : `no record: ${issue ?? 'not JSON'}`;
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
