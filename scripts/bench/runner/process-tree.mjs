import { readFileSync } from 'node:fs';

const EVERY_MILLISECONDS = 50;

/**
 * Watches the memory of what a process starts, by sampling: Linux keeps a peak of each process, and none of their sum.
 * Pages that two of them share count twice, so the sum is rather too high. Elsewhere there is nothing to see: `undefined`.
 */
export function watchChildren(pid) {
  let peak;
  const timer = setInterval(() => {
    const sum = descendants(pid).reduce((total, one) => total + residentKib(one), 0);
    if (sum > 0) peak = Math.max(peak ?? 0, sum / 1024);
  }, EVERY_MILLISECONDS);
  return {
    /** Ends the watch; MiB of the largest sum. */
    end() {
      clearInterval(timer);
      return peak;
    },
  };
}

function descendants(pid) {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function residentKib(pid) {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

/** A process may end at any moment. */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
