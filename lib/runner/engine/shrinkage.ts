import type { Content } from '../../contract';

/** Below this part of what was there last time a backup is taken for a loss until somebody says otherwise. */
const SUSPICIOUS = 0.5;

/**
 * How much less two backups of the same type hold, in words, where it is less than half: rows, tables, entries or bytes.
 * Small sources are left alone: one of three rows gone says nothing.
 */
export function shrinkage(now: readonly Content[], last: readonly Content[]): string | undefined {
  const findings = MEASURES.flatMap(({ noun, least, of }) => {
    const [before, after] = [of(last), of(now)];
    return before >= least && after < before * SUSPICIOUS ? [`${after} ${noun} where there were ${before}`] : [];
  });
  return findings.length === 0 ? undefined : findings.join(', ');
}

const MEASURES: readonly { readonly noun: string; readonly least: number; of(contents: readonly Content[]): number }[] =
  [
    { noun: 'tables', least: 4, of: (contents) => contents.filter(({ rows }) => rows !== undefined).length },
    { noun: 'rows', least: 100, of: (contents) => sum(contents.map(({ rows = 0 }) => rows)) },
    { noun: 'entries', least: 20, of: (contents) => sum(contents.map(({ entries = 0 }) => entries)) },
    { noun: 'bytes', least: 1024 * 1024, of: (contents) => sum(contents.map(({ bytes = 0 }) => bytes)) },
  ];

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
