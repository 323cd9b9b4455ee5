import { RestoreRecord } from '../../contract/restore-record';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { readAll } from '../manifest';
import { recordKey } from '../object-key';
import { StoreError } from '../store/store';
import type { Store } from '../store/store';
import { RECORD_TYPE, encodeEnvelope, preAuthEncoding } from './envelope';
import { isGoodSignature } from './public-key';
import type { RecordKey } from './public-key';

export interface WriteRecordOptions {
  /** The store that keeps it: the one that was read. */
  readonly store: Store;
  /** The planned start of what is recorded. */
  readonly slot: string;
  readonly key: RecordKey;
  readonly machine: Pick<Machine, 'randomHex' | 'log'>;
}

/**
 * Signs a record and creates it under a name of its own; nothing that is there is ever overwritten.
 * @returns the name of the object
 * @throws EngineError where the key does not sign; StoreError where the store does not take it
 */
export async function writeRecord(record: RestoreRecord, options: WriteRecordOptions): Promise<string> {
  const { store, slot, key, machine } = options;
  const payload = Buffer.from(`${JSON.stringify(RestoreRecord.parse(record), null, 1)}\n`);
  const envelope = await signed(payload, key);
  const name = recordKey(record.task, { slot, kind: record.kind, random: machine.randomHex(8) });
  const created = await store.create(name, envelope, { contentType: 'application/json' });
  // The name is random: what is there is ours after an answer that was lost, or a stranger's.
  if (created.kind === 'exists' && !(await readAll(await store.read(name))).equals(envelope))
    throw new StoreError('refused', `${store.url}/${name} is there already, and is another record`);
  machine.log({ level: 'info', event: 'record_written', message: `${store.url}/${name}`, task: record.task, slot });
  return name;
}

/** What a reader would refuse is never written: a service may sign by another version than the one whose key it showed. */
async function signed(payload: Buffer, { id, where, sign, publicKey }: RecordKey): Promise<Buffer> {
  if (!sign) {
    const fix = 'name the private half, or a key of a cloud that may be used to sign';
    throw new EngineError('config', `${where} is public: it cannot sign a record`, fix);
  }
  const bytes = preAuthEncoding(RECORD_TYPE, payload);
  const sig = await sign(bytes);
  if (!isGoodSignature(bytes, sig, publicKey()))
    throw new EngineError('retry', `${where} signed, and its own public key does not know the signature`);
  return encodeEnvelope({ payload, payloadType: RECORD_TYPE, signatures: [{ keyid: id, sig }] });
}
