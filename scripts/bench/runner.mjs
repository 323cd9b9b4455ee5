/**
 * Backups of the built runner beside the pipes that an administrator would type, with the same tools, sources and store:
 * seconds, processor time and peak memory. What the runner stored of the small sources is restored by plain tools and
 * compared first, so that nothing is measured that is no backup.
 */
import { loadavg } from 'node:os';
import { contestOf, DATA_SETS } from './runner/contest.mjs';
import { printReport, printRestores } from './runner/report.mjs';
import { restoreAndCompare } from './runner/restore.mjs';
import { benchRestores, RESTORED } from './runner/restores.mjs';
import { makeSources, PARTS } from './runner/sources.mjs';
import { emptyBucket } from './runner/stored.mjs';
import { writeTasks } from './runner/tasks.mjs';
import { makeWorld } from './runner/world.mjs';

/** @returns whether the aims were met */
export async function benchRunner({ rounds, full }) {
  const world = await makeWorld({ full });
  try {
    const sources = await makeSources(world, { full });
    const [before] = loadavg();
    const tasks = writeTasks(world, { ...sources, sizes: [...sources.sizes, RESTORED] }, PARTS);
    const contest = contestOf(world, sources, tasks);
    const restores = await benchRestores(
      world,
      { parts: sources.parts.slice(0, PARTS.usual) },
      tasks,
      Math.min(rounds, 2),
    );
    const memory = [];
    const backup = async (dataSet, size, then) => {
      const run = await contest.runner(dataSet, size);
      memory.push({ dataSet, size, ...run });
      if (then) await then(dataSet);
      await emptyBucket(world);
      return run;
    };
    for (const dataSet of DATA_SETS) await backup(dataSet, 'small', (name) => restoreAndCompare(world, sources, name));
    for (const dataSet of full ? DATA_SETS : ['files']) await backup(dataSet, 'large');

    const rounded = Object.fromEntries(DATA_SETS.map((name) => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const dataSet of DATA_SETS) {
        const pair = {};
        // Whoever is second finds another disk cache and another load: they take turns.
        for (const who of round % 2 === 0 ? ['pipe', 'runner'] : ['runner', 'pipe']) {
          if (who === 'runner') pair.runner = await backup(dataSet, 'usual');
          else pair.pipe = await contest.pipe(dataSet, 'usual');
          await emptyBucket(world);
        }
        rounded[dataSet].push(pair);
      }
    }
    const load = { before, after: loadavg()[0] };
    return [printReport({ rounded, memory, load }), printRestores(restores)].every(Boolean);
  } finally {
    await world.end();
  }
}
