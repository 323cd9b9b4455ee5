import { SEED, compileFiles, errorsOf, rendered, seedWith } from '../support/spec-text';

type Mistake = readonly [title: string, piece: string | RegExp, replacement: string, code: string];

const GENERAL = 'enabled: true\n        backup_window';

/** One mistake each, made in the first block of the documentation's spec, as people make them. */
const MISTAKES: readonly Mistake[] = [
  // quotes
  ['no closing quote', 'start: "02:00"', 'start: "02:00', 'DR1002'],
  ['no closing quote of a word', 'compression: "gzip"', 'compression: "gzip', 'DR1002'],
  ['no opening quote', 'frequency: "weekly"', 'frequency: weekly"', 'DR1015'],
  ['no opening quote of a time', 'start: "02:00"', 'start: 02:00"', 'DR1014'],
  ['a time without quotes', 'start: "02:00"', 'start: 02:00', 'DR1014'],
  ['a number with a unit', 'retention: 30', 'retention: 30d', 'DR1014'],
  ['a bare word', 'compression: "gzip"', 'compression: gzip', 'DR1015'],
  ['single quotes', '"gzip"', "'gzip'", 'DR1001'],
  ['curly quotes', '"gzip"', '\u201cgzip\u201d', 'DR1001'],
  ['a quote missing between two items', '["temp_*", "cache_*"]', '["temp_*, "cache_*"]', 'DR1002'],
  ['a quote missing after the last item', '["temp_*", "cache_*"]', '["temp_*", "cache_*]', 'DR1002'],
  ['quotes within text', '"Europe/Berlin"', '"Europe/"Berlin""', 'DR1002'],
  ['an unknown escape', '"C:\\\\Backups\\\\SQLServer"', '"C:\\Backups\\\\SQLServer"', 'DR1003'],
  // braces and brackets
  ['no closing brace', '"Europe/Berlin"\n        }\n', '"Europe/Berlin"\n', 'DR1007'],
  ['no closing brace deeper down', '            }\n\n            incremental', '\n            incremental', 'DR1007'],
  [
    'no closing brace of a large block',
    '        }\n    }\n\n    // Database',
    '        }\n\n    // Database',
    'DR1007',
  ],
  ['no closing brace of the whole block', /\}\n```\n/, '```\n', 'DR1007'],
  ['no opening brace', 'backup_window: {', 'backup_window:', 'DR1005'],
  ['no opening brace and no colon', 'backup_window: {', 'backup_window', 'DR1006'],
  ['no opening brace of the whole block', 'backup {', 'backup', 'DR1018'],
  ['a closing brace too many', '"Europe/Berlin"\n        }\n', '"Europe/Berlin"\n        }\n        }\n', 'DR1008'],
  ['a closing brace too many on a line', '"Europe/Berlin"', '"Europe/Berlin" }', 'DR1008'],
  ['an opening brace too many', 'full: {', 'full: {{', 'DR1001'],
  ['a line with an opening brace twice', 'full: {', 'full: {\n            full: {', 'DR1007'],
  ['no closing bracket', '["temp_*", "cache_*"]', '["temp_*", "cache_*"', 'DR1007'],
  ['no opening bracket', '["temp_*", "cache_*"]', '"temp_*", "cache_*"]', 'DR1001'],
  ['a brace that closes a list', '["temp_*", "cache_*"]', '["temp_*", "cache_*"}', 'DR1008'],
  ['a bracket that closes a block', '"Europe/Berlin"\n        }\n', '"Europe/Berlin"\n        ]\n', 'DR1008'],
  ['a bracket too many', '["temp_*", "cache_*"]', '["temp_*", "cache_*"]]', 'DR1008'],
  // colons, keys and values
  ['no colon', 'start: "02:00"', 'start "02:00"', 'DR1006'],
  ['no colon before a list', 'exclude_tables: ["temp_*"', 'exclude_tables ["temp_*"', 'DR1006'],
  ['an equals sign', 'start: "02:00"', 'start = "02:00"', 'DR1006'],
  ['two colons', 'start: "02:00"', 'start:: "02:00"', 'DR1001'],
  ['the colon after the value', 'parallel_jobs: 4', 'parallel_jobs 4:', 'DR1006'],
  ['a colon after the name of a block', 'backup {', 'backup: {', 'DR1018'],
  ['a blank in a key', 'parallel_jobs: 4', 'parallel jobs: 4', 'DR1006'],
  ['no key', 'parallel_jobs: 4', ': 4', 'DR1001'],
  ['no value', 'start: "02:00"', 'start:', 'DR1005'],
  ['no value at the end of a block', 'timezone: "Europe/Berlin"', 'timezone:', 'DR1005'],
  ['two values', 'parallel_jobs: 4', 'parallel_jobs: 4 8', 'DR1001'],
  ['a comma in a number', 'parallel_jobs: 4', 'parallel_jobs: 4,5', 'DR1001'],
  ['a leading zero', 'parallel_jobs: 4', 'parallel_jobs: 04', 'DR1014'],
  ['a sign', 'parallel_jobs: 4', 'parallel_jobs: +4', 'DR1001'],
  ['a semicolon', 'start: "02:00"', 'start: "02:00";', 'DR1001'],
  ['True', GENERAL, GENERAL.replace('true', 'True'), 'DR1015'],
  ['null', GENERAL, GENERAL.replace('true', 'null'), 'DR1015'],
  ['env without a name', GENERAL, GENERAL.replace('true', 'env.'), 'DR1015'],
  ['a comment with #', '// General Settings', '# General Settings', 'DR1001'],
  ['a comment without an end', '// Backup Types', '/* Backup Types', 'DR1004'],
  ['a key twice', 'end: "06:00"', 'end: "06:00"\n            end: "07:00"', 'DR1009'],
  ['a block twice', 'full: {', 'full: { frequency: "daily" retention: 2 }\n            full: {', 'DR1009'],
  // names
  ['a misspelt name of a block', 'backup {', 'bakcup {', 'DR1011'],
  ['a name of a block in capitals', 'backup {', 'BACKUP {', 'DR1011'],
  ['an unknown key', GENERAL, `colour: "red"\n        ${GENERAL}`, 'DR2001'],
  ['a misspelt key', GENERAL, GENERAL.replace('enabled', 'enabld'), 'DR2001'],
  ['a misspelt key that is needed', 'timezone: "', 'timezon: "', 'DR2001'],
  ['a misspelt block that is needed', 'backup_window: {', 'backup_windw: {', 'DR2001'],
  ['a misspelt block of blocks', 'database: {', 'databse: {', 'DR2001'],
  // types
  ['a missing key', '            start: "02:00"\n', '', 'DR2003'],
  ['a missing type', '            type: "pg_dump"\n', '', 'DR2003'],
  ['text for a number', 'retention: 30', 'retention: "30"', 'DR2002'],
  ['text for a switch', GENERAL, GENERAL.replace('true', '"true"'), 'DR2002'],
  ['a list for text', 'start: "02:00"', 'start: ["02:00"]', 'DR2002'],
  ['text for a list', '["temp_*", "cache_*"]', '"temp_*"', 'DR2002'],
  ['an empty list', '["temp_*", "cache_*"]', '[]', 'DR2002'],
  ['text for a block', /backup_window: \{[^}]*\}/, 'backup_window: "02:00"', 'DR2002'],
  ['a block for text', 'start: "02:00"', 'start: { hour: 2 }', 'DR2002'],
  ['an unknown zone', 'Europe/Berlin', 'Europe/Berlim', 'DR2002'],
  ['an unknown tool', '"pg_dump"', '"pgdump"', 'DR2002'],
  ['quotes around env.NAME', 'env.AWS_KMS_KEY_ID', '"env.AWS_KMS_KEY_ID"', 'DR2002'],
  ['the region of another cloud', 'region: "eu-west-1"', 'region: "europe-west1"', 'DR2002'],
];

describe('one mistake is one finding', () => {
  test.each(MISTAKES)('%s', (_title, piece, replacement, code) => {
    const errors = errorsOf(compileFiles([seedWith(piece, replacement)]).diagnostics);
    expect({ codes: errors.map((one) => one.code), text: rendered(errors) }).toMatchObject({ codes: [code] });
  });
});

describe('what is no mistake', () => {
  test.each([
    ['no comma between items', '["temp_*", "cache_*"]', '["temp_*" "cache_*"]'],
    ['a comma after the last item', '["temp_*", "cache_*"]', '["temp_*", "cache_*",]'],
    ['commas after entries', 'start: "02:00"\n', 'start: "02:00",\n'],
    ['no colon before a block', 'general: {', 'general {'],
    ['a quoted key', 'timezone: ', '"timezone": '],
    ['entries on one line', 'start: "02:00"\n            end:', 'start: "02:00" end:'],
  ])('%s', (_title, piece, replacement) => {
    expect(rendered(errorsOf(compileFiles([seedWith(piece, replacement)]).diagnostics))).toBe('');
  });
});

test('several mistakes in one run are all reported', () => {
  const text = [
    ['start: "02:00"', 'start: "02:00'],
    ['        }\n    }\n\n    // Database', '        }\n\n    // Database'],
    ['type: "mysqldump"', 'type: mysqldump'],
    ['max_size: "100GB"', 'max_size: "100 GB"'],
    ['backup_type: "full"', 'backup_typ: "full"'],
  ].reduce((so, [piece, replacement]) => so.replace(piece ?? '', () => replacement ?? ''), SEED.text);
  const errors = errorsOf(compileFiles([{ name: 'seed.md', text }]).diagnostics);
  expect(errors.map((one) => one.code)).toEqual(['DR1007', 'DR1002', 'DR2002', 'DR1015', 'DR2001']);
});
