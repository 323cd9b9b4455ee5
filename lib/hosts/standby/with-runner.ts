import { NODE_RELEASE } from '../node-release';
import type { NodeRelease } from '../node-release';
import { renderRunnerInstall } from '../run-script';

/** Puts Node and the runner that lies at `runner_path` into their places: `node_folder` and `runner` are where they are. */
const WITH_RUNNER = String.raw`home="${'$'}{HYPDR_HOME:-/opt/hypnoscript-dr}"
sha256_of() { sha256sum "$1" | cut -d ' ' -f 1; }
with_runner() {
  mkdir -p "$home/node" "$home/runner" "$home/download"
  work="$(mktemp -d "$home/.work-XXXXXXXX")" || fail 75 "cannot write into $home"
  mkdir "$work/delivered"
  cp "$runner_path" "$work/delivered/runner.js" || fail 75 "the runner was not delivered to $runner_path"
  cd "$work/delivered"
  install_runner
  cd /
  rm -rf "$work"
}`;

/** `with_runner`, for scripts whose configuration says `runner_path`, `runner_sha256` and `node_version`. */
export function renderWithRunner(node: NodeRelease = NODE_RELEASE): readonly string[] {
  return ['install_runner() {', ...renderRunnerInstall(node), '}', WITH_RUNNER];
}
