import { RECORD_TYPE, decodeEnvelope, encodeEnvelope, preAuthEncoding } from '../../../lib/runner/record/envelope';

test('what is signed is what the format says: its own example', () => {
  expect(preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world')).toString()).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
});

test('lengths are bytes, not characters', () => {
  expect(preAuthEncoding('ä', Buffer.from('ö€')).toString()).toBe('DSSEv1 2 ä 5 ö€');
});

const signed = {
  payload: Buffer.from([0, 255, 62, 63, 10]),
  payloadType: RECORD_TYPE,
  signatures: [{ keyid: 'k', sig: Buffer.from([251, 255, 1]) }],
};

test('an envelope is read as it was written', () => {
  expect(decodeEnvelope(encodeEnvelope(signed))).toEqual(signed);
});

test('both alphabets of base64 are read', () => {
  const url = encodeEnvelope(signed).toString().replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const { payloadType: _, ...rest } = JSON.parse(url) as { payloadType: string };
  expect(decodeEnvelope(Buffer.from(JSON.stringify({ ...rest, payloadType: RECORD_TYPE })))).toEqual(signed);
});

test.each<[string, string, RegExp]>([
  ['bytes', '\u0000', /^no signed envelope: /],
  ['a record without a signature', JSON.stringify({ version: 1 }), /^no signed envelope: payload/],
  ['nobody’s signature', JSON.stringify({ payload: 'YQ==', payloadType: RECORD_TYPE, signatures: [] }), /signatures/],
  [
    'what is no base64',
    JSON.stringify({ payload: 'Y Q', payloadType: RECORD_TYPE, signatures: [{ sig: 'YQ' }] }),
    /payload/,
  ],
  [
    'something else that the key signed',
    JSON.stringify({ payload: 'YQ==', payloadType: 'application/vnd.in-toto+json', signatures: [{ sig: 'YQ' }] }),
    /an envelope of application\/vnd.in-toto\+json, which is no record/,
  ],
])('%s is no envelope of a record', (_, text, why) => {
  expect(decodeEnvelope(Buffer.from(text))).toEqual({ why: expect.stringMatching(why) });
});
