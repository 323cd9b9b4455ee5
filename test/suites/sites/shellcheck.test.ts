import { spawnSync } from 'node:child_process';
import { renderPrimaryScript, renderStandbyScript } from '../../../lib/hosts/standby';
import { systemProgram } from '../../servers/programs';

/** Every script that a template carries, as the linter of shells sees it. */
test.each(
  (['aws', 'azure', 'google'] as const).flatMap((cloud) => [
    [`hypdr-standby on ${cloud}`, renderStandbyScript(cloud)],
    [`hypdr-primary on ${cloud}`, renderPrimaryScript(cloud)],
  ]),
)('%s has no finding', (_, text) => {
  const { stdout, status } = spawnSync(systemProgram('shellcheck'), ['-s', 'bash', '-'], { input: text });
  expect([stdout.toString(), status]).toEqual(['', 0]);
});
