import type { Site } from '../../contract/site';
import type { TaskManifest } from '../../contract/task';
import { quoted } from '../../hosts/shell';
import { renderRestoreInstaller } from '../../hosts/site-restore';
import type { DatabaseMachines } from './standby';
import { patiently, TIME_LEFT } from './patience';

export interface RestoreMachineProps {
  readonly site: Site;
  readonly database: DatabaseMachines;
  readonly leaseUrl: string;
  /** What is restored, in this order. */
  readonly tasks: readonly TaskManifest[];
  /** The runner as one blob. */
  readonly runner: { readonly url: string; readonly sha256: string };
}

const RUNNER = '/opt/hypnoscript-dr/download/runner.js';
const UNIT = 'hypdr-site-restore.service';

/**
 * What a machine that restores runs at its first start. The flow that started it stops it, since a machine that only goes
 * off is still paid for; so it stays on when a restore is over.
 */
export function restoreInstaller({ site, database, leaseUrl, tasks, runner }: RestoreMachineProps): string {
  const script = renderRestoreInstaller({
    site: site.name,
    cloud: 'azure',
    region: site.region,
    engine: database.engine,
    version: database.version,
    leaseUrl,
    volumeGiB: database.volume.sizeGiB,
    metric: { namespace: 'hypnoscript-dr', site: site.prefix },
    tasks: tasks.map(onlyHere),
    runner: { path: RUNNER, sha256: runner.sha256 },
  });
  return [
    '#!/bin/bash',
    'set -euo pipefail',
    `mkdir -p /etc/systemd/system/${UNIT}.d "$(dirname ${RUNNER})"`,
    `printf '[Service]\\nEnvironment=HYPDR_POWEROFF=:\\n' >/etc/systemd/system/${UNIT}.d/azure.conf`,
    '# As the identity of the machine, whose rights may take minutes to be known everywhere. The token is no argument.',
    'fetch() {',
    `  curl -fsS --max-time 10 -H Metadata:true 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F' |`,
    `    sed -E 's/.*"access_token":"([^"]+)".*/header = "Authorization: Bearer \\1"/' |`,
    `    curl --config - -fsS --max-time 300 -H 'x-ms-version: 2023-11-03' -o ${RUNNER}.new '${runner.url}'`,
    '}',
    'tries=0',
    'until fetch; do',
    '  tries=$((tries + 1))',
    '  [ "$tries" -lt 60 ] || exit 75',
    '  sleep 20',
    'done',
    `chmod 644 ${RUNNER}.new`,
    `mv ${RUNNER}.new ${RUNNER}`,
    script.replace(/^#!.*\n/, ''),
  ].join('\n');
}

/** A machine here reads the stores of its own cloud; asking others would only take time. */
function onlyHere(task: TaskManifest): TaskManifest {
  const isHere = ({ cloud }: { readonly cloud: string }) => cloud === 'azure';
  return { ...task, local: null, stores: task.stores.filter(isHere), copies: task.copies.filter(isHere) };
}

/**
 * Waits for the restore of this start of the machine, and succeeds when it took place. What was restored is said as JSON.
 */
export const RESTORED = [
  'set -euo pipefail',
  'cloud-init status --wait >/dev/null || true',
  `systemctl start ${UNIT}`,
  'since=$(($(date +%s) - $(cut -d . -f 1 /proc/uptime)))',
  'at="$(python3 -c \'import json; print(json.load(open("/srv/database/restored.json"))["at"])\')"',
  '[ "$at" -ge "$since" ] || { echo "nothing was restored since this start" >&2; exit 75; }',
  'cat /srv/database/restored.json',
].join('\n');

/** Makes what was restored last, or is stored newest, the database of the site. */
export function activateScript(site: string): string {
  return [
    'set -euo pipefail',
    'cloud-init status --wait >/dev/null || true',
    ...patiently(`/usr/local/sbin/hypdr-site-restore activate ${quoted(site)}`, TIME_LEFT),
  ].join('\n');
}

const LEAVE_SECONDS = 300;

/**
 * Has a machine leave: what was promoted or activated is not written to any more, a standby follows on. A machine whose
 * first start never came so far has no database.
 * @param folder - where its program is; another one is for tests
 */
export function leaveScript(program: 'hypdr-standby' | 'hypdr-site-restore', folder = '/usr/local/sbin'): string {
  const path = `${folder}/${program}`;
  return [
    'set -eu',
    'cloud-init status --wait >/dev/null || true',
    `[ -e ${path} ] || { echo 'there is no database to stop'; exit 0; }`,
    ...patiently(`${path} leave`, String(LEAVE_SECONDS)),
  ].join('\n');
}
