import { childPath, isUnder, itemPath, lastKey, parentPath } from '../../lib/diagnostics';

describe('paths of a spec', () => {
  test('quote a key that is no plain word', () => {
    expect(childPath('', 'backup')).toBe('backup');
    expect(childPath('backup', 'a-b_c$1')).toBe('backup.a-b_c$1');
    expect(childPath('backup', 'x.y')).toBe('backup["x.y"]');
    expect(childPath('backup', 'say "hi"')).toBe('backup["say \\"hi\\""]');
    expect(itemPath('backup.paths', 0)).toBe('backup.paths[0]');
  });

  test.each([
    ['a.b', 'a'],
    ['a', ''],
    ['a["x.y"]', 'a'],
    ['a["x.y"].b', 'a["x.y"]'],
    ['a.b[12]', 'a.b'],
    ['a["say \\"hi\\""]', 'a'],
  ])('the parent of %s is %s', (path, parent) => {
    expect(parentPath(path)).toBe(parent);
  });

  test('end with a key', () => {
    expect(['a', 'a.b', 'a["x.y"]', 'a.b["say \\"hi\\""]'].map(lastKey)).toEqual(['a', 'b', 'x.y', 'say "hi"']);
  });

  test('lie under whole keys only', () => {
    expect(isUnder('a.b', 'a')).toBe(true);
    expect(isUnder('a.b[0].c', 'a.b')).toBe(true);
    expect(isUnder('a["x.y"]', 'a')).toBe(true);
    expect(isUnder('a', 'a')).toBe(true);
    expect(isUnder('ab', 'a')).toBe(false);
    expect(isUnder('a', 'a.b')).toBe(false);
  });
});
