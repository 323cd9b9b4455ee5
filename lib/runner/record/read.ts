import { RestoreRecord } from '../../contract/restore-record';
import type { Place } from '../history';
import { readAll } from '../manifest';
import { isUnfinished, readRecordKey, recordPrefix } from '../object-key';
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

export interface ReadRecords {
  /** By their own words, the newest first. */
  readonly good: readonly GoodRecord[];
  /** Objects that are no record to go by, or that somebody wrote over. */
  readonly problems: readonly { readonly key: string; readonly why: string }[];
}

export interface ReadRecordsOptions {
  readonly task: string;
  /** Each signature has to be one of theirs. */
  readonly keys: readonly RecordKey[];
  readonly now: Date;
}

/** Records are small, and are read so many at a time. */
const READ_AT_ONCE = 16;

/**
 * Reads every record of a data set in a place. They are only ever created, so the first version of each counts. What an
 * object's name says is not believed: who may create may also choose names.
 * @throws StoreError
 */
export async function readRecords({ store }: Pick<Place, 'store'>, options: ReadRecordsOptions): Promise<ReadRecords> {
  const histories = new Map<string, StoredObject[]>();
  for await (const object of store.list(recordPrefix(options.task), { versions: 'all' })) {
    if (isUnfinished(object.key)) continue;
    histories.set(object.key, [...(histories.get(object.key) ?? []), object]);
  }
  const good: GoodRecord[] = [];
  const problems: ReadRecords['problems'][number][] = [];
  const readOne = async ([key, history]: [string, StoredObject[]]) => {
    history.sort((a, b) => a.modified.getTime() - b.modified.getTime() || Number(a.latest) - Number(b.latest));
    const first = history.find((one) => !one.deleteMarker);
    if (history.length > 1 || !first)
      problems.push({ key, why: 'the record was written or deleted again; its first version counts' });
    if (!first) return;
    if (first.bytes > LARGEST_ENVELOPE_BYTES) {
      problems.push({ key, why: `${first.bytes} bytes are no record` });
      return;
    }
    const { version } = first;
    const bytes = await readAll(await store.read(key, { ...(version !== undefined && { version }) }));
    const judged = judge(key, bytes, options);
    if ('why' in judged) problems.push({ key, why: judged.why });
    else good.push(judged);
  };
  const waiting = [...histories];
  while (waiting.length > 0) await Promise.all(waiting.splice(0, READ_AT_ONCE).map(readOne));
  const when = ({ record, key }: GoodRecord) => `${Date.parse(record.startedAt).toString().padStart(16, '0')} ${key}`;
  const byKey = (a: { readonly key: string }, b: { readonly key: string }) => (a.key < b.key ? -1 : 1);
  return { good: good.sort((a, b) => (when(a) < when(b) ? 1 : -1)), problems: problems.sort(byKey) };
}

function judge(key: string, bytes: Buffer, options: ReadRecordsOptions): GoodRecord | { readonly why: string } {
  const name = readRecordKey(key);
  if (!name) return { why: 'it has no name of a record' };
  const envelope = decodeEnvelope(bytes);
  if ('why' in envelope) return envelope;
  // Nothing of it is looked at before somebody known vouches for it.
  const stranger = strangerOf(envelope, options.keys);
  if (stranger !== undefined) return { why: stranger };
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
function strangerOf({ payloadType, payload, signatures }: SignedPayload, keys: readonly RecordKey[]) {
  const bytes = preAuthEncoding(payloadType, payload);
  const isGood = signatures.some(({ sig }) => keys.some((key) => isGoodSignature(bytes, sig, key.publicKey())));
  if (isGood) return undefined;
  const known = signatures.some(({ keyid }) => keys.some((key) => key.id === keyid));
  if (known) return 'its signature is not of what it says: it was changed, or never signed by that key';
  const named = signatures.map(({ keyid }) => keyid?.slice(0, 64) ?? 'no name').join(', ');
  return `it is signed by a key that is not known here (${named}): name that key too, if it was yours`;
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
