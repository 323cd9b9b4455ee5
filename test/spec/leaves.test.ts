import { Collector } from '../../lib/diagnostics';
import type { SourceFile } from '../../lib/diagnostics';
import { BLOCK_NAMES, decodeSpec } from '../../lib/spec';
import { parseFiles } from '../../lib/syntax';
import { Duration, Size } from '../../lib/units';
import { SEED, compileFiles, errorsOf } from '../support/spec-text';
import { leafShapeAt } from '../support/shapes';
import type { Leaf } from '../../lib/syntax';

const { leaves, diagnostics, spec } = compileFiles([SEED]);

function withLeaf({ value }: Leaf, source: string) {
  const { text } = SEED;
  return { ...SEED, text: text.slice(0, value.span.start) + source + text.slice(value.span.end) };
}

const rows = leaves.map((leaf) => [leaf.path, leaf] as const);

describe('the documentation’s spec', () => {
  test('holds 441 values and no error', () => {
    expect(leaves).toHaveLength(441);
    expect(new Set(leaves.map((one) => one.path)).size).toBe(441);
    expect(errorsOf(diagnostics)).toEqual([]);
  });

  test('comes out as values of the domain, not as text', () => {
    expect(spec.disaster_recovery?.objectives?.rto?.critical_systems).toEqual(Duration.hours(4));
    expect(spec.disaster_recovery?.dr_sites?.get('hot_site')?.infrastructure.storage?.size).toEqual(
      Size.parse('500GB'),
    );
    expect(spec.backup?.general.types.full?.frequency).toEqual({ kind: 'weekly' });
    expect(spec.backup?.general.backup_window.start.minutes).toBe(120);
  });
});

describe('each of the 441 values has a type of its own that refuses others', () => {
  test.each(rows)('%s', (path, leaf) => {
    const { rejects } = leafShapeAt(path);
    const errors = errorsOf(compileFiles([withLeaf(leaf, rejects)]).diagnostics);
    expect(errors.map((one) => `${one.code} ${one.path}`)).toEqual([`DR2002 ${path}`]);
    expect(errors[0]?.span).toMatchObject({
      start: leaf.value.span.start,
      end: leaf.value.span.start + rejects.length,
    });
  });
});

describe('each of them takes the examples of its type', () => {
  test.each(rows)('%s', (path, leaf) => {
    const refusals = leafShapeAt(path).examples.flatMap((example) => {
      const refused = typedErrors(withLeaf(leaf, example)).filter((one) => one.path === path);
      return refused.map((one) => `${example}: ${one.message}`);
    });
    expect(refusals).toEqual([]);
  });
});

/** The errors of reading and typing alone. */
function typedErrors(file: SourceFile) {
  const collector = new Collector();
  decodeSpec(parseFiles([file], BLOCK_NAMES, collector.report), {}, collector);
  return collector.diagnostics.filter((one) => one.severity === 'error');
}

test('types differ where domains do: no value is plain text but what people read', () => {
  const plain = leaves.filter((one) => leafShapeAt(one.path).name === 'text').map((one) => one.path);
  const read = /\.(description|action|location|name|role|responsibilities\[\d+\])$/;
  expect(plain.filter((path) => !read.test(path))).toEqual([]);
});
