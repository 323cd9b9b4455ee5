import { DumpCounter } from '../../../lib/runner/engine/mysql-dump-counter';

const DUMP = `-- Current Database: \`shop\`
USE \`shop\`;
CREATE TABLE \`it's \`\`a\`\` (b)\` (
  \`id\` int
) ENGINE=InnoDB;
LOCK TABLES \`it's \`\`a\`\` (b)\` WRITE;
/*!40000 ALTER TABLE \`it's \`\`a\`\` (b)\` DISABLE KEYS */;
INSERT INTO \`it's \`\`a\`\` (b)\` VALUES
(1,'it\\'s (1),(2); \\\\','😀'),
(2,'),(',NULL),(3,'',0x00);
INSERT INTO \`it's \`\`a\`\` (b)\` VALUES (4,';\\nUNLOCK TABLES;','');
UNLOCK TABLES;
CREATE TABLE \`generated\` (
LOCK TABLES \`generated\` WRITE;
INSERT INTO \`generated\` (\`(b) VALUES\`, row_start) VALUES (1,_binary 'x'),(2,'y');
UNLOCK TABLES;
DELIMITER ;;
CREATE TRIGGER x BEFORE INSERT ON generated FOR EACH ROW BEGIN
LOCK TABLES \`generated\` WRITE;
INSERT INTO \`generated\` VALUES (1,2),(3,4);
UNLOCK TABLES;
END ;;
DELIMITER ;
CREATE TABLE \`nothing\` (
LOCK TABLES \`nothing\` WRITE;
UNLOCK TABLES;
USE \`other\`;
CREATE TABLE \`left_out\` (
INSERT INTO \`left_out\` VALUES (1);
CREATE TABLE \`nothing\` (
LOCK TABLES \`nothing\` WRITE;
INSERT INTO \`nothing\` VALUES (1);
UNLOCK TABLES;
-- Dump completed on 2026-11-24 20:18:38
`;

function count(size: number, text = DUMP): DumpCounter {
  const counter = new DumpCounter();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) counter.scan(bytes.subarray(at, at + size));
  return counter;
}

describe('rows of a dump', () => {
  test.each([1, 2, 3, 7, 11, 12, 13, 64, 100_000])('are the tuples of its tables, in pieces of %d bytes', (size) => {
    const { rows, defined, completed } = count(size);
    expect([...rows].map(([key, n]) => [key.replace('\0', ' / '), n])).toEqual([
      ["shop / it's `a` (b)", 4],
      ['shop / generated', 2],
      ['shop / nothing', 0],
      ['other / nothing', 1],
    ]);
    expect(defined.size).toBe(5);
    expect(completed).toBe(true);
  });
});

describe('long strings', () => {
  const LENGTHS = Array.from({ length: 120 }, (_, length) => length);
  /** What ends no string stands at each place of one, the last included. */
  const rows = LENGTHS.flatMap((length) => [
    `(1,'${'a'.repeat(length)}\\'),(0,\\'${'b'.repeat(length)}',2)`,
    `(2,'${'a'.repeat(length)}\\\\','),('),(3,'${'(2),'.repeat(length)}')`,
  ]);
  const text = DUMP.replace("(1,_binary 'x'),(2,'y')", rows.join(','));

  test.each([1, 47, 48, 49, 1000, 100_000])('end where they end, in pieces of %d bytes', (size) => {
    expect(count(size, text).rows.get('shop\0generated')).toBe(3 * LENGTHS.length);
  });
});

describe('the last line', () => {
  test('has to be the last one', () => {
    expect(count(50, DUMP.slice(0, DUMP.indexOf('-- Dump completed'))).completed).toBe(false);
    expect(count(50, `${DUMP}-- more\n`).completed).toBe(false);
    expect(count(50, DUMP.replace("(4,'", "(4,'-- Dump completed\\n")).completed).toBe(true);
  });
});
