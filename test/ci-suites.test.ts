import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** A suite that `.ci/run` does not name is run by nobody. */
test('every suite is run by CI, once', () => {
  const folders = readdirSync(path.join(__dirname, 'suites'), { withFileTypes: true });
  const suites = folders.filter((one) => one.isDirectory()).map(({ name }) => name);
  const script = readFileSync(path.join(__dirname, '../.ci/run'), 'utf8');
  const named = [...script.matchAll(/^suite ([a-z ]+)$/gm)].flatMap(([, names = '']) => names.split(' '));
  expect(named.sort()).toEqual([...suites, 'fast', 'pack'].sort());
});
