import { spawnSync } from 'node:child_process';
import { agent } from '../../../lib/google/site/agent';
import { NODE_RELEASE } from '../../../lib/hosts';
import { renderRestoreScript } from '../../../lib/hosts/site-restore';
import { renderBackupScript, renderPrimaryScript, renderStandbyScript } from '../../../lib/hosts/standby';
import { renderTimerInstaller } from '../../../lib/hosts/timers';
import { renderTimerScript } from '../../../lib/hosts/timers/script';
import { hostTimers } from '../../../lib/plan/host-timers';
import { need, planOf, spec } from '../../plan/support';
import { systemProgram } from '../../servers/programs';

const [docs] = planOf(
  spec({
    types: 'full: { frequency: "weekly" retention: 30 } log: { frequency: "15m" retention: 14 }',
    filesystem: `docs: { paths: ["/srv/it's"] storage: { gcs: { bucket: "acme-docs" location: "US" path: "docs/" } } }`,
  }),
).tasks;
const host = {
  word: 'docs',
  task: need(docs, 'docs'),
  timers: hostTimers(need(docs, 'docs')),
  runnerSha256: '0'.repeat(64),
};

const backups = {
  ...{ task: need(docs, 'docs'), afterSeconds: 1, runner: { path: '/var/lib/runner.js', sha256: '0'.repeat(64) } },
  runs: hostTimers(need(docs, 'docs')).map(({ does, schedule }) => ({ type: does, schedule })),
};

/** Every script that a template carries, or that a host is handed, as the linter of shells sees it. */
test.each([
  ['hypdr-task', renderTimerScript(host, NODE_RELEASE)] as const,
  ['its installer', renderTimerInstaller(host)] as const,
  ['hypdr-site-backup', renderBackupScript('aws', backups)] as const,
  ...(['azure', 'google'] as const).map(
    (cloud) =>
      [
        `hypdr-site-backup on ${cloud}`,
        renderBackupScript(cloud, { ...backups, runner: { url: 'https://its/runner.js', sha256: '0'.repeat(64) } }),
      ] as const,
  ),
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
