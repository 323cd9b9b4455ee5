import { tokenAddress } from '../../lib/runner/token-address';

test.each(['https://vault.example', 'http://127.0.0.1:80/x', 'http://localhost:1', 'http://[::1]/'])(
  'a token may go to %s',
  (text) => expect(tokenAddress(text)?.href).toContain(new URL(text).host),
);

test.each([
  'http://vault.example',
  'http://127.0.0.1.example',
  'http://localhost.example',
  'ftp://127.0.0.1',
  'vault',
  '',
])('and not to "%s"', (text) => expect(tokenAddress(text)).toBeUndefined());
