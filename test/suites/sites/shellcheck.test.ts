import { spawnSync } from 'node:child_process';
import { agent } from '../../../lib/google/site/agent';
import { renderRestoreScript } from '../../../lib/hosts/site-restore';
import { renderPrimaryScript, renderStandbyScript } from '../../../lib/hosts/standby';
import { systemProgram } from '../../servers/programs';

/** Every script that a template carries, as the linter of shells sees it. */
test.each([
  ['hypdr-agent on google', agent("it's hot", 'hypdr-standby')] as const,
  ...(['aws', 'azure', 'google'] as const).flatMap((cloud): (readonly [string, string])[] => [
    [`hypdr-standby on ${cloud}`, renderStandbyScript(cloud)],
    [`hypdr-primary on ${cloud}`, renderPrimaryScript(cloud)],
    ...(['postgresql', 'mysql', 'mariadb'] as const).map(
      (engine) => [`hypdr-site-restore on ${cloud}, ${engine}`, renderRestoreScript({ cloud, engine })] as const,
    ),
  ]),
])('%s has no finding', (_, text) => {
  const { stdout, status } = spawnSync(systemProgram('shellcheck'), ['-s', 'bash', '-'], { input: text });
  expect([stdout.toString(), status]).toEqual(['', 0]);
});
