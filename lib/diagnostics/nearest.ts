/** Edits (insert, delete, replace, swap of neighbours) from one word to another. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replace = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let best = Math.min(replace, (last[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      next.push(best);
    }
    beforeLast = last;
    last = next;
  }
  return last[b.length] ?? 0;
}

/** The candidate that a mistyped word most likely meant, if any is near enough to be one. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.slice(0, 80).toLowerCase();
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (!best || distance < best.distance) best = { candidate, distance };
  }
  if (!best) return undefined;
  // Two letters of three are another word.
  const near = Math.min(Math.max(2, Math.floor(best.candidate.length / 3)), Math.floor(wanted.length / 2));
  if (best.distance <= Math.max(1, near)) return best.candidate;
  // `jobs` for `parallel_jobs`, where nothing else has the word.
  const [longer, ...others] = candidates.filter((one) => one.toLowerCase().split(/[_.-]/).includes(wanted));
  return others.length === 0 ? longer : undefined;
}

/** Hint for a message: the nearest candidate, or all of them while they are few. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  if (near !== undefined) return `did you mean "${near}"?`;
  if (candidates.length === 0) return 'nothing is defined here';
  return candidates.length <= 12
    ? `use one of ${candidates.join(', ')}`
    : `known are ${candidates.slice(0, 10).join(', ')}, ...`;
}
