import { BLOCKS } from '../../lib/spec';
import type { ObjectShape, Shape } from '../../lib/spec/type';
import type { Value } from '../../lib/syntax';
import { DEPLOYMENT, SEED, compileFiles, errorsOf, parseTexts, rendered } from '../support/spec-text';
import { uncommented } from '../support/deployment';

const whole = uncommented(DEPLOYMENT);

/** The state block for another backend, from the comment that shows it. */
function withOtherState(): typeof whole {
  const other = /\/\/ or: (.*)/.exec(whole.text)?.[1];
  if (!other) throw new Error('deployment.hyp shows no other backend');
  return { ...whole, text: whole.text.replace(/state: \{[^}]*\}/, () => `state: { ${other} }`) };
}

describe('deployment.hyp', () => {
  test('as it is changes nothing but says nothing wrong', () => {
    expect(errorsOf(compileFiles([DEPLOYMENT, SEED]).diagnostics)).toEqual([]);
    expect(JSON.stringify(compileFiles([DEPLOYMENT, SEED]).plan)).toBe(JSON.stringify(compileFiles([SEED]).plan));
  });

  test.each([
    ['every key in force', whole],
    ['every key in force and another backend', withOtherState()],
  ])('with %s compiles with the documentation’s spec', (_title, file) => {
    const { diagnostics, plan } = compileFiles([file, SEED]);
    expect(rendered(errorsOf(diagnostics))).toBe('');
    expect(plan).toBeDefined();
  });

  test('shows every key of its two blocks', () => {
    const shown = new Map<Shape, Set<string>>();
    for (const file of [whole, withOtherState()]) {
      const { tree } = parseTexts(file);
      for (const name of ['deployment', 'database'] as const) {
        const value = tree.get(name)?.value;
        if (value) collect(BLOCKS[name].shape, value, shown);
      }
    }
    expect(missingKeys(shown)).toEqual([]);
    expect(shown.size).toBeGreaterThan(15);
  });
});

/** Which keys of each block's shape stand in the text; the same shape in several places counts once. */
function collect(shape: Shape, value: Value, shown: Map<Shape, Set<string>>): void {
  if (shape.kind === 'list' && value.kind === 'list') value.items.forEach((item) => collect(shape.item, item, shown));
  if (value.kind !== 'object') return;
  for (const [key, entry] of value.entries) {
    if (shape.kind === 'map') collect(shape.item, entry.value, shown);
    if (shape.kind !== 'object') continue;
    shown.set(shape, (shown.get(shape) ?? new Set()).add(key));
    const below = shape.fields[key]?.shape;
    if (below) collect(below, entry.value, shown);
  }
}

function missingKeys(shown: ReadonlyMap<Shape, ReadonlySet<string>>): readonly string[] {
  return [...shown].flatMap(([shape, keys]) =>
    Object.keys((shape as ObjectShape).fields).filter((key) => !keys.has(key)),
  );
}
