import path from 'node:path';
import { checksIn } from './checks.cjs';
import { inTurn } from '../turn';
import { runChecks } from './run-checks';
import type { Verdict } from './run-checks';

/**
 * Whatever refusal of a restore or of a record is disabled, a fast test turns red. Not every check is looked at, as the
 * verifier's are: only those without which somebody else's bytes, or half of a chain, would be restored or believed.
 */

const root = path.join(__dirname, '../../../lib/runner');
const HARMFUL: Readonly<Record<string, readonly string[]>> = {
  'restore/survey.ts': [
    'wrongName: entry.manifestKey !== key -> false',
    'wrongName: manifest.task !== task.name -> false',
    'wrongName: name?.slot !== manifest.slot of name?.slot !== manifest.slot || name.type !== manifest.type dropped',
    'wrongName: name.type !== manifest.type of name?.slot !== manifest.slot || name.type !== manifest.type dropped',
    'wrongName: familyOf(manifest.engine) !== familyOf(task.engine) -> false',
    'flawOf: kept.deleteMarker of !kept || kept.deleteMarker dropped',
    'flawOf: kept.bytes !== object.bytes -> false',
    'flawOf: kept.checksum !== undefined && object.checksum !== undefined ... cksum !== object.checksum -> false',
    'flawOf: (one) => encodingsAt(one, store.id, sizesBy(placed)).length === 0 fits everything',
    'keptOf: (one) => version === undefined || one.version === version fits everything',
    'surveyPlace: flaw === undefined -> true',
    'surveyPlace: isFromFuture(one, now) -> false',
  ],
  'restore/point.ts': [
    "chainIn: type === 'full' -> true",
    'chainIn: why !== undefined -> false',
    'pointsOf: continue; left out',
  ],
  'restore/link.ts': [
    'brokenLink: named.slot !== parent.slot of !named || named.slot !== parent.slot || named.type !== parent.type dropped',
    'brokenLink: named.type !== parent.type of !named || named.slot !== parent.slot || named.type !== parent.type dropped',
    'brokenLink: !FOLLOWS[child.type].includes(parent.type) -> false',
    'brokenLink: Date.parse(child.pointInTime) < Date.parse(parent.pointInTime) -> false',
    "brokenLink: child.engine === 'mysql' of child.engine === 'mysql' || child.engine === 'mariadb' dropped",
    "brokenLink: child.engine === 'files' && parent.source.position.tar_state ... d.type !== 'differential' -> false",
    'brokenLogs: own !== JSON.stringify(sorted(parent.source.identity)) -> false',
    'brokenLogs: from !== file of from !== file || at !== position dropped',
    'brokenLogs: at !== position of from !== file || at !== position dropped',
    'brokenLogs: gap > 0 -> false',
    "brokenLogs: last !== undefined && !follows(last, active ?? '') -> false",
  ],
  'restore/ledger.ts': [
    'readFirstLedger: a.modified.getTime() - b.modified.getTime() of a.modified.getTime() - b.modified.getTime() || Number(a.latest) - Number(b.latest) dropped',
    'readFirstLedger: history.length > 1 of history.length > 1 || !first dropped',
    'readFirstLedger: version !== undefined && { version } -> false',
  ],
  'record/envelope.ts': ['decodeEnvelope: payloadType !== RECORD_TYPE -> false'],
  'record/read.ts': [
    'strangerOf: isGood -> true',
    'judge: stranger -> false',
    'judge: record.task !== options.task -> false',
    'judge: record.kind !== name.kind -> false',
    'judge: Date.parse(record.startedAt) > options.now.getTime() -> false',
    'readRecords: version !== undefined && { version } -> false',
  ],
  'record/write.ts': [
    "writeRecord: created.kind === 'exists' && !(await readAll(await store.read(name))).equals(envelope) -> false",
    'signed: !isGoodSignature(bytes, sig, publicKey()) -> false',
  ],
  'record/public-key.ts': [
    "isRecordKey: details?.namedCurve === 'prime256v1' of type === 'ec' && details?.namedCurve === 'prime256v1' dropped",
    'publicKeyOf: isRecordKey(publicKey) of publicKey && isRecordKey(publicKey) dropped',
  ],
};
const files = Object.keys(HARMFUL);
const checks = files.flatMap((file) => (HARMFUL[file] ?? []).map((one) => `${file} ${one}`));
const turn = inTurn(checks);
/** Those that take seconds: whole restores come across everything, and take minutes. */
const TESTS = [
  '<rootDir>/test/runner/restore/(point|restorable|survey).test.ts',
  '<rootDir>/test/runner/record/(read|write|envelope|key-pem).test.ts',
];

let verdicts: ReadonlyMap<string, Verdict>;
beforeAll(async () => {
  verdicts = await runChecks({ root, files, testMatch: TESTS }, turn);
}, 1_200_000);

test('each of them is a check of its file', () => {
  const known = files.flatMap((file) => checksIn(root, file));
  expect(checks.filter((one) => !known.includes(one))).toEqual([]);
});

test.each(turn)('is noticed: %s', (check) => {
  expect(verdicts.get(check)).toEqual({ kind: 'red', by: expect.stringMatching(/./) });
});
