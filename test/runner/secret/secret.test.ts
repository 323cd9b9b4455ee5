import { secretNameIn } from '../../../lib/contract';
import { EngineError } from '../../../lib/runner/engine/engine';
import { parseSecret } from '../../../lib/runner/secret/secret';

const WHERE = 'secret shop/orders in a store';

function failure(value: string): EngineError {
  try {
    parseSecret(value, WHERE);
  } catch (error) {
    if (error instanceof EngineError) return error;
  }
  throw new Error('it was read');
}

describe('the value of a secret', () => {
  test('is what RDS writes, with other keys beside it', () => {
    const rds = {
      engine: 'postgres',
      host: 'db.example',
      username: 'backup',
      password: 'p w',
      dbname: 'shop',
      port: 5432,
      dbInstanceIdentifier: 'x',
    };
    const read = { host: 'db.example', username: 'backup', password: 'p w', database: 'shop', port: '5432' };
    expect(parseSecret(JSON.stringify(rds), WHERE)).toEqual(read);
  });

  test('may name the database "database", and its port in words', () => {
    const json = '\n{"password": "p", "database": "shop", "port": "5433"}\n';
    expect(parseSecret(json, WHERE)).toMatchObject({ password: 'p', database: 'shop', port: '5433' });
    expect(parseSecret('{"password": "p"}', WHERE)).toMatchObject({ password: 'p', host: undefined, port: undefined });
  });

  test('may be the bare password, of which one line end is no part', () => {
    expect(parseSecret('p{w"\n', WHERE)).toEqual({ password: 'p{w"' });
    expect(parseSecret(' p\r\n', WHERE)).toEqual({ password: ' p' });
    expect(parseSecret('"p"', WHERE)).toEqual({ password: '"p"' });
  });

  test.each([
    ['{"password": "canary", "port": 70000}', 'has no usable "port"'],
    ['{"password": 17, "username": "canary"}', 'has no usable "password"'],
    ['{"username": "canary"}', 'has no usable "password"'],
    ['{"password": "canary", "host": ""}', 'has no usable "host"'],
    ['{"password": "canary"', 'begins like JSON and is none'],
    ["{'password': 'canary'}", 'begins like JSON and is none'],
    ['canary\nsecond line', 'has several lines and is no JSON'],
    ['\n', 'is empty'],
    ['', 'is empty'],
  ])('%j is refused without a word of it', (value, why) => {
    const error = failure(value);
    expect([error.kind, error.message]).toEqual(['config', `${WHERE} ${why}`]);
    expect(error.fix).toContain('"password": "..."');
    expect(`${error.message}${error.fix}${error.stack}${String(error.cause)}`).not.toContain('canary');
  });
});

test('the name of a secret is one that each store can hold', () => {
  expect(secretNameIn('aws', 'shop/my_db.x')).toBe('shop/my_db.x');
  expect(secretNameIn('azure', 'shop/my_db.x')).toBe('shop-my-db-x');
  expect(secretNameIn('google', 'shop/my_db.x')).toBe('shop-my_db-x');
});
