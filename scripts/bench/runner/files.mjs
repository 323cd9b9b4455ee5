import { createHash } from 'node:crypto';
import { closeSync, cpSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

/**
 * The files that are backed up, and that both databases are loaded from. They are the same in each run, and shrink as
 * real ones do: rows of phrases, numbers and dates with a random token in each, which gzip makes seven times smaller, and
 * a fifth of all bytes like pictures, which nothing makes smaller.
 */

/** Bytes of rows in one part; a quarter of that lies beside them as pictures. */
export const PART_BYTES = 250e6;
const FILE_BYTES = 1e6;
/** Rows whose text differs: so many that they come back far behind the windows of gzip and of zstd's third level. */
const DISTINCT_ROWS = 1 << 16;

const PHRASES = [
  'the customer called and asked for another date of delivery',
  'parcel was returned by the carrier, address not found',
  'refund is on its way, see the invoice of last month',
  'spare part is out of stock until the end of the week',
  'paid by bank transfer, waiting for the confirmation',
  'delivered to a neighbour, signed on the doorstep',
  'discount for regular customers has been applied',
  'changed the colour from green to blue after the order',
  'the warehouse has packed it and the label is printed',
  'see the conversation of the service team for details',
  'no answer to two letters, account is on hold for now',
  'please ring twice, the bell of the second floor is broken',
];
const STATES = ['open', 'paid', 'shipped', 'delivered', 'returned'];

/** Columns of a row, as both servers read them. */
export const COLUMNS =
  'id bigint NOT NULL PRIMARY KEY, customer int NOT NULL, placed timestamp NOT NULL, state varchar(12) NOT NULL, amount decimal(12,2) NOT NULL, note text NOT NULL, token char(16) NOT NULL';

/** Writes `count` parts, `part-0` and so on, below a folder, of which those after `distinct` are copies; their paths. */
export function writeParts(folder, count, distinct) {
  const tails = distinctRows();
  let id = 0;
  return Array.from({ length: count }, (_, number) => {
    const part = path.join(folder, `part-${number}`);
    if (number >= distinct) {
      cpSync(path.join(folder, `part-${number % distinct}`), part, { recursive: true });
      return part;
    }
    mkdirSync(part, { recursive: true });
    for (let file = 0; file < PART_BYTES / FILE_BYTES; file += 1) {
      const name = path.join(part, `rows-${String(file).padStart(4, '0')}.tsv`);
      const out = openSync(name, 'w');
      for (let bytes = 0; bytes < FILE_BYTES;) {
        let text = '';
        for (let row = 0; row < 200; row += 1) text += `${(id += 1)}${tails[id % DISTINCT_ROWS]}`;
        bytes += writeSync(out, text, undefined, 'latin1');
      }
      closeSync(out);
      if (file % 4 === 0) writeFileSync(name.replace(/rows-(\d+)\.tsv$/, 'picture-$1.bin'), noise(`${number}-${file}`));
    }
    return part;
  });
}

function distinctRows() {
  const next = numbers(20261122);
  const day = Date.UTC(2024, 0, 1) / 1000;
  return Array.from({ length: DISTINCT_ROWS }, (_, index) => {
    const placed = new Date((day + next(80_000_000)) * 1000).toISOString().slice(0, 19).replace('T', ' ');
    const note = Array.from({ length: 2 + next(6) }, () => PHRASES[next(PHRASES.length)]).join('; ');
    const amount = `${next(5000)}.${String(next(100)).padStart(2, '0')}`;
    const token = createHash('md5').update(`${index}`).digest('hex').slice(0, 16);
    return `\t${next(200_000)}\t${placed}\t${STATES[next(STATES.length)]}\t${amount}\t${note}\t${token}\n`;
  });
}

/** Numbers that look random and are the same each time (Park and Miller, 1988). */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

/** A megabyte that nothing compresses. */
function noise(seed) {
  const bytes = Buffer.alloc(FILE_BYTES);
  for (let at = 0; at < bytes.length; at += 64) createHash('sha512').update(`${seed}-${at}`).digest().copy(bytes, at);
  return bytes;
}
