import { AZURE_STORE, GOOGLE_STORE, compileText, database, s3, spec } from './support';

/** DR3083: what has to be kept elsewhere, one note for each kind and not for each task. */

const notes = (text: string) =>
  compileText(text).diagnostics.flatMap(({ code, path, message }) => (code === 'DR3083' ? [{ path, message }] : []));
const sets = (count: number) =>
  Array.from({ length: count }, (_, at) => database(`set${at}`, s3('acme-own', `set${at}/`), '')).join('');

test('keys of every cloud and secrets by their names, the same ones once', () => {
  const found = notes(spec({ database: sets(2), cloud: AZURE_STORE + GOOGLE_STORE }));
  expect(found.map(({ path }) => path)).toEqual(['backup', 'backup.database']);
  const [keys, secrets] = found.map(({ message }) => message);
  expect(keys).toMatch(/alias\/[a-z-]*backup-store/);
  expect(keys?.match(/backup-store/g)).toHaveLength(1);
  expect(secrets).toMatch(/hypnoscript\/set0, hypnoscript\/set1/);
});

test('of very many secrets five are named, and the rest is counted', () => {
  const [, secrets] = notes(spec({ database: sets(9) }));
  expect(secrets?.message).toMatch(/set4 and 4 more/);
});

const RECIPIENT = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

test('the identity of a recipient, where something is encrypted to it', () => {
  const local = `storage: { local: { path: "/srv/backups" } ${'s3: { bucket: "acme-own" region: "eu-west-1" path: "x/" }'} }`;
  const text = (encryption: boolean) => `backup {
    general: { backup_window: { start: "02:00" end: "06:00" timezone: "UTC" }
      types: { full: { frequency: "daily" retention: 30 encryption: ${encryption} } } }
    database: { orders: { type: "pg_dump" ${local} } }
  }
  deployment { encryption: { recipient: "${RECIPIENT}" } tasks: { orders: { host: "hosts:role=db" } } }`;
  const paths = (encryption: boolean) => notes(text(encryption)).map(({ path }) => path);
  expect(paths(true)).toContain('deployment.encryption.recipient');
  expect(notes(text(true)).find(({ path }) => path.startsWith('deployment'))?.message).toContain(RECIPIENT);
  expect(paths(false)).not.toContain('deployment.encryption.recipient');
});
