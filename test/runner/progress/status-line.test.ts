import { statusLine } from '../../../lib/runner/progress/status-line';

/** A terminal of one screen: what its reader sees, line by line. */
function terminal(width = 40) {
  const lines = [''];
  const write = (text: string) => {
    for (const part of text.split(/(\r|\n|\u001b\[K)/)) {
      const [last = ''] = lines.splice(-1);
      if (part === '\n') lines.push(last, '');
      else if (part === '\r') lines.push(`\r${last}`);
      else if (part === '\u001b[K') lines.push('');
      else if (last.startsWith('\r') && part !== '') throw new Error(`"${part}" over "${last.slice(1)}"`);
      else lines.push(last + part);
    }
    const long = lines.find((one) => one.length > width);
    if (long !== undefined) throw new Error(`"${long}" does not fit`);
  };
  return { lines, write, line: statusLine(write, () => width) };
}

it('is written over by itself, and stands below the lines of the log', () => {
  const { lines, write, line } = terminal();
  line.show('a  1 B');
  line.show('a  2 B');
  line.above(() => write('{"event":"first"}\n'));
  line.show('a  3 B');
  line.above(() => write('{"event":"second"}\n{"event":"third"}\n'));
  expect(lines).toEqual(['{"event":"first"}', '{"event":"second"}', '{"event":"third"}', 'a  3 B']);
  line.clear();
  expect(lines).toEqual(['{"event":"first"}', '{"event":"second"}', '{"event":"third"}', '']);
  line.above(() => write('last\n'));
  expect(lines.slice(3)).toEqual(['last', '']);
});

it('is cut at the width of the terminal, and has one column a character whatever a name holds', () => {
  const { lines, line } = terminal(12);
  line.show('\u001b[2J\r\n\u009b名前😀 and more than fits');
  expect(lines).toEqual(['?[2J?????? ']);
});

it('writes nothing when nothing changes', () => {
  const written: string[] = [];
  const line = statusLine(
    (text) => void written.push(text),
    () => 80,
  );
  line.clear();
  line.show('same');
  line.show('same');
  line.clear();
  line.clear();
  expect(written).toEqual(['same', '\r\u001b[K']);
});
