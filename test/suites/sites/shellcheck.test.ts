import { spawnSync } from 'node:child_process';
import { renderRestoreScript } from '../../../lib/hosts/site-restore';
import { renderPrimaryScript, renderStandbyScript } from '../../../lib/hosts/standby';
import { systemProgram } from '../../servers/programs';

/** Every script that a template carries, as the linter of shells sees it. */
test.each(
  (['aws', 'azure', 'google'] as const).flatMap((cloud) => [
    [`hypdr-standby on ${cloud}`, renderStandbyScript(cloud)],
    [`hypdr-primary on ${cloud}`, renderPrimaryScript(cloud)],
    ...(['postgresql', 'mysql', 'mariadb'] as const).map(
      (engine) => [`hypdr-site-restore on ${cloud}, ${engine}`, renderRestoreScript({ cloud, engine })] as const,
    ),
  ]),
)('%s has no finding', (_, text) => {
  const { stdout, status } = spawnSync(systemProgram('shellcheck'), ['-s', 'bash', '-'], { input: text });
  expect([stdout.toString(), status]).toEqual(['', 0]);
});
