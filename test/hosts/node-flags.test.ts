import { readFileSync } from 'node:fs';
import path from 'node:path';
import { NODE_FLAGS, renderHostScript, NODE_RELEASE } from '../../lib/hosts';

/** A runner that is started otherwise than it was measured is slower, and takes more memory than is said. */
test('image and hosts start the runner by the same flags of Node', () => {
  const dockerfile = readFileSync(path.join(__dirname, '../../image/Dockerfile'), 'utf8');
  const [, entry = ''] = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile) ?? [];
  expect(JSON.parse(entry)).toEqual(['node', ...NODE_FLAGS, '/opt/hypnoscript-dr/runner.js']);
  const run = { run: 'backup full', manifest: 'm', slot: 's', runnerSha256: '0' };
  const script = renderHostScript({ run, node: NODE_RELEASE, maxParallel: 1, environment: {} }).join('\n');
  const starts = script.split('\n').filter((line) => line.includes('/bin/node" ') && line.includes('"$runner"'));
  expect(starts.length).toBeGreaterThan(1);
  for (const line of starts) expect(line).toContain(`/bin/node" ${NODE_FLAGS.join(' ')} "$runner"`);
});
