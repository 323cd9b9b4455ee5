import type { SourceFile } from '../../lib/diagnostics';
import { renderSpecSchema } from '../../lib/spec/json-schema';
import { BLOCKS } from '../../lib/spec';
import { DEPLOYMENT, SEED, parseTexts } from '../support/spec-text';
import { schemaErrors, treeAsJson } from '../support/json';
import { uncommented } from '../support/deployment';
import { leafShapesUnder } from '../support/shapes';
import { S3, smallSpec } from '../support/small-spec';

const errorsIn = schemaErrors(renderSpecSchema());
const errorsOfText = (...texts: readonly (string | SourceFile)[]) => errorsIn(parse(...texts));

function parse(...texts: readonly (string | SourceFile)[]) {
  const { tree, diagnostics } = parseTexts(...texts);
  expect(diagnostics).toEqual([]);
  return treeAsJson(tree);
}

describe('the JSON Schema of the spec', () => {
  test('takes the documentation’s spec', () => {
    expect(errorsOfText(SEED)).toEqual([]);
  });

  test('takes every key of deployment.hyp', () => {
    expect(errorsOfText(SEED, uncommented(DEPLOYMENT))).toEqual([]);
  });

  test.each([
    ['an unknown key', smallSpec({ types: 'hourly: { }' })],
    ['an unknown block', 'backups { }'],
    ['a missing key', 'backup { general: { } }'],
    ['text for a number', smallSpec({ types: 'log: { frequency: "15m" retention: "7" }' })],
    ['text of another pattern', smallSpec({ types: 'log: { frequency: "sometimes" retention: 7 }' })],
    ['a number out of range', smallSpec({ types: 'log: { frequency: "15m" retention: 0 }' })],
    ['a list for text', smallSpec({ set: `type: ["pg_dump"] storage: { ${S3} }` })],
    ['an empty list', smallSpec({ set: `type: "pg_dump" settings: { exclude_tables: [] } storage: { ${S3} }` })],
    ['a name that is none', smallSpec({ database: `"a b": { type: "pg_dump" storage: { ${S3} } }` })],
    ['keys of another engine', smallSpec({ set: `type: "sqlcmd" settings: { parallel_jobs: 2 } storage: { ${S3} }` })],
    ['a secret in plain text', 'database { a: { primary: { host: "b" password: "hunter2" } } }'],
  ])('refuses %s', (_title, text) => {
    const tree = parseTexts(text.replace('backups {', 'backup_monitor {')).tree;
    const json = text.startsWith('backups') ? { backups: {} } : treeAsJson(tree);
    expect(errorsIn(json)).not.toEqual([]);
  });

  test('takes env.NAME for every single value', () => {
    const text = smallSpec({ types: 'log: { frequency: env.A retention: env.B encryption: env.C }' });
    expect(errorsOfText(text)).toEqual([]);
  });
});

describe('each type of the spec, in JSON', () => {
  const leaves = Object.entries(BLOCKS).flatMap(([name, { shape }]) => leafShapesUnder(shape, name));
  const types = new Map(leaves.map(([, shape]) => [JSON.stringify([shape.name, shape.json]), shape]));

  test.each([...types.values()].map((shape) => [shape.name, shape] as const))(
    '%s takes its examples',
    (_name, shape) => {
      const check = schemaErrors({ ...shape.json });
      const literal = shape.examples.filter((one) => !one.startsWith('env.'));
      expect(literal.flatMap((one) => check(JSON.parse(one)))).toEqual([]);
    },
  );

  test('has a default that its schema takes', () => {
    const schema = renderSpecSchema();
    const defaults = defaultsIn(schema['properties']);
    const refused = [...defaults].flatMap(([$ref, values]) => {
      const check = schemaErrors({ $defs: schema['$defs'], $ref });
      return values.flatMap((one) => check(one).map((error) => `${$ref} ${JSON.stringify(one)}${error}`));
    });
    expect(refused).toEqual([]);
    expect([...defaults.values()].flat().length).toBeGreaterThan(50);
  });
});

/** Defaults in a schema, by the type that they are of. */
function defaultsIn(node: unknown, found = new Map<string, unknown[]>()): ReadonlyMap<string, readonly unknown[]> {
  if (typeof node !== 'object' || node === null) return found;
  if ('default' in node && '$ref' in node) {
    const type = String(node.$ref);
    found.set(type, [...(found.get(type) ?? []), node.default]);
  }
  for (const one of Object.values(node)) defaultsIn(one, found);
  return found;
}
