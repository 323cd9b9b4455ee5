import { paintFor, renderText, toJson, toSarif } from '../../lib/diagnostics';
import { compileText, errorsOf } from '../support/spec-text';
import { smallSpec } from '../support/small-spec';

const SECRET = 'hunter2';

const connection = (setting: string) =>
  smallSpec({ blocks: `database { orders: { primary: { host: "db.example.com" ${setting} } } }` });

function everythingSaid(text: string, environment = {}): string {
  const { diagnostics, plan } = compileText(text, { environment });
  return [
    renderText(diagnostics, paintFor('plain')),
    JSON.stringify(toJson(diagnostics)),
    JSON.stringify(toSarif(diagnostics, '1')),
    JSON.stringify(plan ?? {}),
  ].join('\n');
}

describe('a secret in plain text is refused and never shown', () => {
  test.each([
    ['as text', `password: "${SECRET}"`],
    ['as raw text', `password: """${SECRET}"""`],
    ['as a bare word', `password: ${SECRET}`],
    ['as a number', 'password: 8675309'],
    ['as something like a number', 'password: 8675309x'],
    ['without a colon', `password "${SECRET}"`],
    ['without a closing quote', `password: "${SECRET}`],
    ['with a bad escape', `password: "\\q${SECRET}"`],
    ['with a quote within', `password: "x"${SECRET}""`],
    ['in a list', `password: ["${SECRET}"]`],
    ['under a misspelt key', `pasword: "${SECRET}"`],
    ['beside another mistake', `password: "${SECRET}" colour: "red"`],
    ['before a mistake', `colour: "red" password: "${SECRET}"`],
    ['twice', `password: env.PASSWORD password: "${SECRET}"`],
    ['on a line of its own', `password:\n  "${SECRET}"\n`],
  ])('%s', (_title, setting) => {
    const text = connection(setting);
    expect(errorsOf(compileText(text).diagnostics)).not.toEqual([]);
    const said = everythingSaid(text);
    expect(said).not.toContain(SECRET);
    expect(said).not.toContain('8675309');
  });

  test('and the message says what to do instead', () => {
    const [error] = errorsOf(compileText(connection(`password: "${SECRET}"`)).diagnostics);
    expect(error).toMatchObject({
      code: 'DR2002',
      path: 'database.orders.primary.password',
      message: 'found a secret in plain text',
      fix: 'write env.NAME and keep the value in the secret store',
      concealed: true,
    });
  });
});

describe('a secret from the environment', () => {
  const environment = { DB_PASSWORD: SECRET, DB_USER: 'reader-7' };

  test('is never read: neither the plan nor a finding holds it', () => {
    const text = connection('username: env.DB_USER password: env.DB_PASSWORD');
    const { plan, diagnostics } = compileText(text, { environment });
    expect(errorsOf(diagnostics)).toEqual([]);
    expect(plan).toBeDefined();
    const said = everythingSaid(text, environment);
    expect(said).not.toContain(SECRET);
    expect(said).not.toContain('reader-7');
  });

  test('does not have to be set', () => {
    expect(errorsOf(compileText(connection('password: env.DB_PASSWORD')).diagnostics)).toEqual([]);
  });

  test('is not quoted where it is put by mistake', () => {
    const text = connection('port: env.DB_PASSWORD');
    const [error] = errorsOf(compileText(text, { environment }).diagnostics);
    expect(error?.message).toBe('found env.DB_PASSWORD, whose value is not a port number from 1 to 65535');
    expect(everythingSaid(text, environment)).not.toContain(SECRET);
  });
});
