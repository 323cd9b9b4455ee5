import { isForLibraries } from '../../lib/runner/library-environment';

test.each(['PATH', 'HOME', 'AWS_PROFILE', 'AZURE_CLIENT_ID', 'IDENTITY_ENDPOINT', 'GOOGLE_APPLICATION_CREDENTIALS'])(
  'the libraries of the clouds keep %s',
  (name) => expect(isForLibraries(name, {})).toBe(true),
);

test.each([
  'PGPASSWORD',
  'MYSQL_PWD',
  'SQLCMDPASSWORD',
  'DB_PASSWORD',
  'HYPDR_HOOK_TOKEN',
  'AZURE_STORAGE_CONNECTION_STRING',
  'KEY',
])('what they start by themselves does not inherit %s', (name) => expect(isForLibraries(name, {})).toBe(false));

test('names of another case are the same on Windows', () => expect(isForLibraries('SystemRoot', {})).toBe(true));

test('where an emulator is, we say to the library of Google: by itself it asks it for other paths', () =>
  expect(isForLibraries('STORAGE_EMULATOR_HOST', {})).toBe(false));

test('keys of AWS are handed over, and stay only where a profile may refer to them', () => {
  expect(isForLibraries('AWS_SECRET_ACCESS_KEY', {})).toBe(false);
  expect(isForLibraries('AWS_SECRET_ACCESS_KEY', { AWS_PROFILE: 'x' })).toBe(true);
});
