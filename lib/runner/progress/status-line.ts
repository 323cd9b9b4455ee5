/** A line at the end of a terminal that is written again and again. */
export interface StatusLine {
  /** Replaces what it showed. */
  show(text: string): void;
  clear(): void;
  /** Writes whole lines where it stands, and itself below them. */
  above(write: () => void): void;
}

/** To the start of the line, and clear to its end: https://www.ecma-international.org/publications/standards/Ecma-048.htm */
const ERASE = '\r\u001b[K';

/** @param columns - width of the terminal, asked each time, since its user may change it */
export function statusLine(write: (text: string) => void, columns: () => number): StatusLine {
  let shown = '';
  const draw = () => {
    if (shown !== '') write(shown);
  };
  const erase = () => {
    if (shown !== '') write(ERASE);
  };
  return {
    show(text) {
      const next = plain(text).slice(0, Math.max(0, columns() - 1));
      if (next === shown) return;
      erase();
      shown = next;
      draw();
    },
    clear() {
      erase();
      shown = '';
    },
    above(writeLines) {
      erase();
      writeLines();
      draw();
    },
  };
}

/** One column a character: a line that is wider than its terminal could not be erased. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, '?');
}
