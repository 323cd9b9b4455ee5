import { TalkCapture, scrub } from '../../../lib/runner/engine/scrub';

describe('scrubbing', () => {
  test('takes out every secret, also as it stands in a URL, the longer one first', () => {
    expect(scrub('a p@ss b p%40ss c p@ssword', ['p@ss', 'p@ssword', ''])).toBe('a *** b *** c ***');
  });
});

describe('what a tool says', () => {
  test('is scrubbed across the chunks it comes in', () => {
    const lines: string[] = [];
    const talk = new TalkCapture(['hunter22'], (line) => lines.push(line));
    talk.add('one hun');
    talk.add('ter22\r\ntwo');
    talk.end();
    expect(lines).toEqual(['one ***', 'two']);
    expect(talk.text()).toBe('one ***\ntwo');
  });

  test('is kept in part only, whole lines of its beginning and its end', () => {
    const talk = new TalkCapture([]);
    for (let line = 0; line < 20_000; line += 1) talk.add(`line ${line}\n`);
    const kept = talk.text().split('\n');
    expect(talk.text().length).toBeLessThan(100_000);
    expect([kept[0], kept.at(-1)]).toEqual(['line 0', 'line 19999']);
    expect(kept.filter((line) => !/^line \d+$/.test(line))).toEqual([
      expect.stringMatching(/^\.\.\. \d+ lines left out \.\.\.$/),
    ]);
  });

  test('drops a line without an end rather than a half that could hold half a secret', () => {
    const talk = new TalkCapture(['hunter22']);
    for (let part = 0; part < 20; part += 1) talk.add('x'.repeat(10_000));
    talk.add('hunter22\n');
    expect(talk.text()).not.toContain('hunter22');
    expect(talk.text().length).toBeLessThan(60_000);
  });
});
