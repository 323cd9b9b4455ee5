import { NODE_FLAGS } from './node-release';
import type { NodeArchive, NodeRelease } from './node-release';
import { quoted } from './shell';

/** What one run on a host is told. A value may be a placeholder, which whoever delivers the script fills in. */
export interface HostRun {
  /** `backup full` and the other types; or `prune`: what the folder on the host holds is verified and pruned there. */
  readonly run: string;
  /** Path or URL of the task manifest. */
  readonly manifest: string;
  /** Planned start: `20261122T021500Z`. */
  readonly slot: string;
  /** SHA-256 of the runner, which lies as `runner.js` in the folder in which the script starts. */
  readonly runnerSha256: string;
}

export interface HostScriptProps {
  readonly run: HostRun;
  readonly node: NodeRelease;
  /** Backups at once on one host: a later one waits, and keeps its slot. Log backups wait for nobody. */
  readonly maxParallel: number;
  /** Variables of the runner, none of them a secret. */
  readonly environment: Readonly<Record<string, string>>;
}

/** First word of all that a run on a host says, before a colon: a step that a host passed over ends well, without it. */
export const HOST_WORD = 'hypdr-host';

/**
 * What a host does for a run: it installs what lacks, each thing checked by its SHA-256 and put into place whole, then it
 * becomes the runner, whose exit code is its own. Nothing is written outside of `HYPDR_HOME` (programs) and
 * `HYPDR_STATE` (state), which the environment of the host's agent may set. Before the runner starts, 75 says that
 * another try may help, and 78 that it will not.
 * @returns lines of bash; on the host are GNU tar, gzip, sha256sum, and curl or wget where Node is not there yet
 */
export function renderHostScript({ run, node, maxParallel, environment }: HostScriptProps): readonly string[] {
  return [
    '#!/bin/bash',
    'set -euo pipefail',
    `run=${quoted(run.run)}`,
    `manifest=${quoted(run.manifest)}`,
    `slot=${quoted(run.slot)}`,
    `runner_sha256=${quoted(run.runnerSha256)}`,
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`),
    ...renderHostBody({ node, maxParallel, metrics: 'emf' }),
  ];
}

export interface HostBodyProps extends Pick<HostScriptProps, 'node' | 'maxParallel'> {
  /** How numbers of a run are said: `docs/runner.md` has the formats. */
  readonly metrics: 'emf' | 'log';
}

/** The same from where `run`, `manifest`, `slot` and `runner_sha256` are set, in a folder that has `runner.js`. */
export function renderHostBody({ node, maxParallel, metrics }: HostBodyProps): readonly string[] {
  return [
    `node_version=${quoted(node.version)}`,
    `max_parallel=${maxParallel}`,
    `metrics=${metrics}`,
    ...SETUP,
    ...renderRunnerInstall(node),
    ...WAIT,
    ...RUN,
  ];
}

/**
 * Puts Node and the runner into their places: `node_folder` and `runner` are where they are. Before it come the functions
 * `fail` and `sha256_of`, the folders `home` (programs) and `work` (empty), and `runner_sha256`; `runner.js` lies where it
 * is run.
 */
export function renderRunnerInstall(node: NodeRelease): readonly string[] {
  return [
    'case "$(uname -m)" in',
    ...archiveCase('x86_64', node.archives.x86_64),
    ...archiveCase('aarch64 | arm64', node.archives.aarch64),
    '  *) fail 78 "there is no Node for $(uname -m) here: the host has to be x86_64 or aarch64" ;;',
    'esac',
    ...INSTALL_NODE,
    ...INSTALL_RUNNER,
  ];
}

function archiveCase(machines: string, { url, sha256 }: NodeArchive): readonly string[] {
  return [`  ${machines})`, `    node_url=${quoted(url)}`, `    node_sha256=${quoted(sha256)}`, '    ;;'];
}

const SETUP = [
  'export PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"',
  'export HOME="${HOME:-/root}"',
  'export HYPDR_STATE="${HYPDR_STATE:-/var/lib/hypnoscript-dr}"',
  'home="${HYPDR_HOME:-/opt/hypnoscript-dr}"',
  `say() { printf '${HOST_WORD}: %s\\n' "$*"; }`,
  'fail() {',
  '  code=$1',
  '  shift',
  '  say "$*" >&2',
  '  exit "$code"',
  '}',
  'sha256_of() { sha256sum "$1" | cut -d " " -f 1; }',
  'say "$run for $slot on $(uname -n)"',
  'mkdir -p "$HYPDR_STATE" "$home/node" "$home/runner" "$home/download" ||',
  '  fail 78 "cannot make folders in $home and $HYPDR_STATE: HYPDR_HOME and HYPDR_STATE choose others"',
  'work="$(mktemp -d "$home/.work-XXXXXXXX")" || fail 75 "cannot write into $home"',
  'trap \'rm -rf "$work"\' EXIT',
  '# Left by a run that was killed, the agent or the machine with it.',
  'find "$home" -maxdepth 1 -name ".work-*" -mtime +2 -exec rm -rf {} +',
];

const INSTALL_NODE = [
  'node_folder="$home/node/$node_version-${node_sha256:0:12}"',
  'download() {',
  '  if command -v curl >/dev/null; then',
  '    curl --fail --silent --show-error --location --retry 3 --connect-timeout 30 --max-time 900 --output "$2" "$1"',
  '  elif command -v wget >/dev/null; then',
  '    wget --quiet --tries=3 --timeout=60 --output-document="$2" "$1"',
  '  else',
  '    fail 78 "needs curl or wget, or the archive itself: put $1 into $home/download"',
  '  fi',
  '}',
  'install_node() {',
  '  local name archive given',
  '  name="$(basename "$node_url")"',
  '  archive="$home/download/$name"',
  '  if [ ! -f "$archive" ]; then',
  '    archive="$work/$name"',
  '    download "$node_url" "$archive" ||',
  '      fail 75 "cannot download $node_url: open the way there, or put the archive into $home/download"',
  '  fi',
  '  given="$(sha256_of "$archive")"',
  '  [ "$given" = "$node_sha256" ] ||',
  '    fail 78 "$name is not what was published: its SHA-256 is $given and not $node_sha256"',
  '  mkdir "$work/node"',
  '  tar -xzf "$archive" -C "$work/node" --strip-components=1 --no-same-owner "${name%.tar.gz}/bin/node" "${name%.tar.gz}/LICENSE" ||',
  '    fail 75 "cannot unpack $name into $home"',
  '  "$work/node/bin/node" --version >/dev/null ||',
  '    fail 78 "Node $node_version does not start on this host: it needs glibc 2.28 or newer, and a folder from which programs may start"',
  '  # Another run may have put it there meanwhile: both are the same.',
  '  mv -T "$work/node" "$node_folder" 2>/dev/null || [ -x "$node_folder/bin/node" ] || fail 75 "cannot write $node_folder"',
  '}',
  '[ -x "$node_folder/bin/node" ] || install_node',
];

const INSTALL_RUNNER = [
  'runner="$home/runner/$runner_sha256/runner.js"',
  'if [ ! -f "$runner" ] || [ "$(sha256_of "$runner")" != "$runner_sha256" ]; then',
  '  [ -f runner.js ] || fail 75 "the runner was not delivered: see what the step before this one said"',
  '  given="$(sha256_of runner.js)"',
  '  [ "$given" = "$runner_sha256" ] ||',
  '    fail 75 "the runner that was delivered is not the one that was deployed: its SHA-256 is $given and not $runner_sha256"',
  '  mkdir -p "$home/runner/$runner_sha256"',
  '  cp runner.js "$work/runner.js"',
  '  mv "$work/runner.js" "$runner"',
  'fi',
  '# What nothing has started for a month.',
  'touch "$home/runner/$runner_sha256" "$node_folder"',
  'find "$home/runner" "$home/node" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {} +',
];

/** The runner inherits the lock, so that it ends with it, however it ends. */
const WAIT = [
  'rm -rf "$work"',
  'trap - EXIT',
  'if [ "$run" != prune ] && [ "$run" != "backup log" ] && command -v flock >/dev/null; then',
  '  mkdir -p "$HYPDR_STATE/locks"',
  '  told=no',
  '  while true; do',
  '    for number in $(seq 1 "$max_parallel"); do',
  '      exec 9>"$HYPDR_STATE/locks/run-$number"',
  '      if flock -n 9; then break 2; fi',
  '    done',
  '    [ "$told" = yes ] || say "$max_parallel backups are under way on this host: this one waits, and keeps its slot"',
  '    told=yes',
  '    exec 9>"$HYPDR_STATE/locks/run-1"',
  '    # Until the first of them ends; the others are looked at every ten seconds.',
  '    if flock -w 10 9; then break; fi',
  '  done',
  'fi',
];

const RUN = [
  'cd "$home"',
  `hypdr() { "$node_folder/bin/node" ${NODE_FLAGS.join(' ')} "$runner" "$@"; }`,
  'if [ "$run" = prune ]; then',
  '  verified=0',
  '  hypdr verify --quick --task "$manifest" --store local || verified=$?',
  '  # A chain with a hole (3) can be pruned; whatever else is wrong is looked at first.',
  '  [ "$verified" = 0 ] || [ "$verified" = 3 ] || exit "$verified"',
  '  hypdr prune --task "$manifest" --store local || exit $?',
  '  exit "$verified"',
  'fi',
  `exec "$node_folder/bin/node" ${NODE_FLAGS.join(' ')} "$runner" backup --task "$manifest" --type "\${run#backup }" --slot "$slot" --metrics "$metrics"`,
];
