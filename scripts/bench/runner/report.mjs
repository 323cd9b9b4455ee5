import { availableParallelism } from 'node:os';
import { median } from '../measure.mjs';
import { megabytesOf, PARTS } from './sources.mjs';

/** Speed to the pipe's, and MB of the runner's own process; its tools are the user's, and so is their memory. */
const AIMS = { ratio: 0.95, megabytes: 200 };

/** @returns whether the aims were met */
export function printReport({ rounded, memory, load }) {
  const rounds = Object.values(rounded)[0].length;
  console.log(
    `\nbackups into a store on this machine: ${availableParallelism()} cores, load ${load.before.toFixed(1)} before and ${load.after.toFixed(1)} after; medians of ${rounds} rounds`,
  );
  console.log(
    '"ratio" is the speed to that of the plain pipe, "rounds" the same for each; processor time is of all processes',
  );
  console.log(
    `\n${'source'.padEnd(22)} pipe s  runner s  ratio  rounds${' '.repeat(6 * rounds - 6)}  cpu s: pipe  runner`,
  );
  const ratios = Object.entries(rounded).map(([dataSet, pairs]) => {
    const of = (who, what) => median(pairs.map((pair) => pair[who][what]));
    const ratio = of('pipe', 'seconds') / of('runner', 'seconds');
    const each = pairs.map(({ pipe, runner }) => (pipe.seconds / runner.seconds).toFixed(2).padStart(5)).join(' ');
    console.log(
      [
        `${dataSet}, ${megabytesOf(dataSet, 'usual')} MB`.padEnd(22),
        of('pipe', 'seconds').toFixed(2).padStart(6),
        of('runner', 'seconds').toFixed(2).padStart(9),
        ratio.toFixed(2).padStart(6),
        each.padStart(7),
        of('pipe', 'cpuSeconds').toFixed(1).padStart(12),
        of('runner', 'cpuSeconds').toFixed(1).padStart(7),
        mark(ratio >= AIMS.ratio, `aim: at least ${AIMS.ratio}`),
      ].join(' '),
    );
    return ratio;
  });
  console.log(`\n${'peak memory, MB'.padEnd(22)} runner  with its tools`);
  const peaks = Object.keys(PARTS).flatMap((size) => Object.keys(rounded).map((dataSet) => ({ dataSet, size })));
  const own = peaks.flatMap(({ dataSet, size }) => {
    const runs = memory.filter((run) => run.dataSet === dataSet && run.size === size);
    if (runs.length === 0) return [];
    const most = (what) => Math.max(...runs.map((run) => (run[what] ?? NaN) * 1.048576));
    console.log(
      [
        `${dataSet}, ${megabytesOf(dataSet, size)} MB`.padEnd(22),
        most('own').toFixed(0).padStart(6),
        most('together').toFixed(0).padStart(15),
        mark(most('own') < AIMS.megabytes, `aim: under ${AIMS.megabytes}`),
      ].join(' '),
    );
    return [most('own')];
  });
  return ratios.every((ratio) => ratio >= AIMS.ratio) && own.every((megabytes) => megabytes < AIMS.megabytes);
}

/** Restores of the same rows: by the runner from the store, and by pg_restore from local files. @returns as above */
export function printRestores({ stored, seekable, runner }) {
  const seconds = (runs) => median(runs.map((run) => run.seconds));
  const memory = Math.max(...runner.map((run) => (run.own ?? NaN) * 1.048576));
  const ratio = seconds(stored) / seconds(runner);
  const each = runner.map((run, round) => (stored[round].seconds / run.seconds).toFixed(2)).join(' ');
  console.log(`\nrestores of ${megabytesOf('postgresql', 'usual')} MB of PostgreSQL with 4 jobs and ANALYZE, seconds`);
  console.log(`pg_restore of the stored archive, a local file   ${seconds(stored).toFixed(2).padStart(6)}`);
  console.log(`pg_restore of an archive that knows its offsets  ${seconds(seekable).toFixed(2).padStart(6)}`);
  console.log(
    `hypdr-runner restore, from the store             ${seconds(runner).toFixed(2).padStart(6)}  ratio ${ratio.toFixed(2)} (${each})${mark(ratio >= AIMS.ratio, `aim: at least ${AIMS.ratio}`)}`,
  );
  console.log(
    `peak memory of the runner, MB                    ${memory.toFixed(0).padStart(6)}${mark(memory < AIMS.megabytes, `aim: under ${AIMS.megabytes}`)}`,
  );
  return ratio >= AIMS.ratio && memory < AIMS.megabytes;
}

const mark = (met, aim) => (met ? '' : `  MISSED (${aim})`);
