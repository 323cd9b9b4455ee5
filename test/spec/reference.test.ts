import { BLOCKS, BLOCK_NAMES } from '../../lib/spec';
import { renderReference } from '../../lib/spec/reference';
import { leafShapesUnder } from '../support/shapes';

const page = renderReference();
const leaves = Object.entries(BLOCKS).flatMap(([name, { shape }]) => leafShapesUnder(shape, name));

describe('the reference page of the spec', () => {
  test('has a heading for each block', () => {
    const blocks = [...page.matchAll(/^## Block (.*)$/gm)].map((one) => one[1]);
    expect(blocks).toEqual(BLOCK_NAMES);
  });

  test('has a row for each key', () => {
    const keys = new Set(leaves.map(([path]) => /(\w+)(?:\[\]|\.\*)*$/.exec(path)?.[1] ?? ''));
    expect(keys.size).toBeGreaterThan(150);
    expect([...keys].filter((key) => !page.includes(`| \`${key}\` | `) && !BLOCK_NAMES.includes(key))).toEqual([]);
  });

  test('links to headings that it has', () => {
    const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map((one) =>
      (one[1] ?? '')
        .toLowerCase()
        .replace(/[^a-z0-9 _-]/g, '')
        .replace(/ /g, '-'),
    );
    expect(new Set(anchors).size).toBe(anchors.length);
    const links = [...page.matchAll(/\]\(#([^)]*)\)/g)].map((one) => one[1] ?? '');
    expect(links.length).toBeGreaterThan(200);
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
  });

  test('explains each type once, and no two types have one name', () => {
    const texts = new Map<string, Set<string>>();
    for (const [, shape] of leaves) {
      if ('enum' in shape.json) continue;
      texts.set(shape.name, (texts.get(shape.name) ?? new Set()).add(shape.text));
    }
    expect([...texts].filter(([, meanings]) => meanings.size > 1).map(([name]) => name)).toEqual([]);
    for (const name of texts.keys()) expect(page.split(`\n| ${name} | `)).toHaveLength(2);
  });

  test('shows what each type refuses and at least two values that it takes, unless there is only one', () => {
    for (const [path, shape] of leaves) {
      const words = (shape.json['enum'] as readonly unknown[] | undefined)?.length;
      const least = words === 1 ? 1 : 2;
      expect({ path, enough: new Set(shape.examples).size >= least }).toEqual({ path, enough: true });
      expect(shape.examples).not.toContain(shape.rejects);
    }
  });

  test('has neither empty cells for what is optional nor machine talk', () => {
    expect(page).not.toMatch(/undefined|\[object [A-Z]|NaN|\| \|/);
  });
});
