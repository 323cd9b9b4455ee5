import { editDistance, nearest, suggestion } from '../../lib/diagnostics';

describe('editDistance', () => {
  test.each([
    ['backup', 'backup', 0],
    ['backup', 'bakup', 1],
    ['backup', 'backupp', 1],
    ['backup', 'bacxup', 1],
    ['backup', 'bakcup', 1],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
  ])('%s to %s', (from, to, edits) => {
    expect(editDistance(from, to)).toBe(edits);
    expect(editDistance(to, from)).toBe(edits);
  });
});

describe('nearest', () => {
  test('takes a candidate within two letters, or a third of it', () => {
    expect(nearest('enabld', ['enabled', 'type'])).toBe('enabled');
    expect(nearest('retension', ['retention', 'region'])).toBe('retention');
    expect(nearest('colour', ['enabled', 'types'])).toBeUndefined();
  });

  test('does not mind case', () => {
    expect(nearest('europe/berlin', ['Europe/Berlin'])).toBe('Europe/Berlin');
  });

  test('finds the longer name that alone has the word', () => {
    expect(nearest('jobs', ['parallel_jobs', 'include_schema'])).toBe('parallel_jobs');
    expect(nearest('include', ['include_data', 'include_schema'])).toBeUndefined();
    expect(nearest('job', ['a_job_x', 'parallel_jobs'])).toBe('a_job_x');
  });

  test('costs no more for an endless word', () => {
    expect(nearest('x'.repeat(1_000_000), ['enabled'])).toBeUndefined();
  });
});

describe('suggestion', () => {
  test('names the nearest, else all of a few, else some of many', () => {
    expect(suggestion('enabld', ['enabled', 'type'])).toBe('did you mean "enabled"?');
    expect(suggestion('colour', ['enabled', 'type'])).toBe('use one of enabled, type');
    expect(
      suggestion(
        'colour',
        'abcdefghijklmn'.split('').map((one) => one.repeat(9)),
      ),
    ).toMatch(/^known are a{9}, .*, \.\.\.$/);
    expect(suggestion('colour', [])).toBe('nothing is defined here');
  });
});
