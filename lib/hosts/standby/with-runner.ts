import { NODE_RELEASE } from '../node-release';
import type { NodeRelease } from '../node-release';
import { renderRunnerInstall } from '../run-script';
import { quoted } from '../shell';

/** The runner as one file: where whoever delivers the installer put it, or from where the machine gets it as itself. */
export type MachineRunner = { readonly sha256: string } & (
  | { readonly path: string }
  /** An object of the site's own store, `https://...`. */
  | { readonly url: string }
);

/** Puts Node and the runner into their places: `node_folder` and `runner` are where they are. */
const WITH_RUNNER = String.raw`home="${'$'}{HYPDR_HOME:-/opt/hypnoscript-dr}"
sha256_of() { sha256sum "$1" | cut -d ' ' -f 1; }
with_runner() {
  mkdir -p "$home/node" "$home/runner" "$home/download"
  work="$(mktemp -d "$home/.work-XXXXXXXX")" || fail 75 "cannot write into $home"
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/delivered"
  deliver_runner "$work/delivered/runner.js"
  cd "$work/delivered"
  install_runner
  cd /
  rm -rf "$work"
  trap - EXIT
}`;

const LIES_HERE = String.raw`deliver_runner() { cp "$runner_path" "$1" || fail 75 "the runner was not delivered to $runner_path"; }`;

/** One that is here already is not asked for again: the store may be away when it is needed. */
const IS_FETCHED = String.raw`deliver_runner() {
  local installed="$home/runner/$runner_sha256/runner.js"
  if [ -f "$installed" ] && [ "$(sha256_of "$installed")" = "$runner_sha256" ]; then return; fi
  HYPDR_PATIENCE=300 cloud_object "$runner_url" >"$1" || fail 75 "the runner can't be read from $runner_url"
}`;

/**
 * `with_runner`, for scripts whose configuration says `runner_sha256`, `node_version`, and `runner_path` or `runner_url`;
 * the latter needs the functions of a cloud.
 */
export function renderWithRunner(from: 'path' | 'url', node: NodeRelease = NODE_RELEASE): readonly string[] {
  return [
    ...['install_runner() {', ...renderRunnerInstall(node), '}'],
    from === 'path' ? LIES_HERE : IS_FETCHED,
    WITH_RUNNER,
  ];
}

/** Where it is, as variables of a script. */
export function runnerVariables(runner: MachineRunner): readonly string[] {
  return [
    'url' in runner ? `runner_url=${quoted(runner.url)}` : `runner_path="\${HYPDR_RUNNER:-${runner.path}}"`,
    `runner_sha256=${quoted(runner.sha256)}`,
  ];
}
