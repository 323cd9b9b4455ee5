import { quoted } from '../../hosts/shell';
import { ACTIVATION_KEY } from './standby';

/**
 * How a workflow tells a database machine what to do, since Google runs no command on a machine: a word in its metadata,
 * which this reads every few seconds, and an answer in its guest attributes. A word is done once, also after a reboot;
 * what is worth another try is tried until its workflow gives up.
 * @see https://cloud.google.com/compute/docs/metadata/manage-guest-attributes
 * @param site - name of the site, which confirms what is done
 * @param script - what has the words `promote` or `activate` on this machine
 * @returns bash for the end of a startup script
 */
export function renderAgent(site: string, script: 'hypdr-standby' | 'hypdr-site-restore'): string {
  return `cat >/usr/local/sbin/hypdr-agent.new <<'END_OF_AGENT'
${agent(site, script)}
END_OF_AGENT
chmod 755 /usr/local/sbin/hypdr-agent.new
mv /usr/local/sbin/hypdr-agent.new /usr/local/sbin/hypdr-agent
cat >/etc/systemd/system/hypdr-agent.service <<'END_OF_UNIT'
[Unit]
Description=Does what workflows of the recovery site ask for
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=/usr/local/sbin/hypdr-agent
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
END_OF_UNIT
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl enable hypdr-agent.service
  systemctl restart --no-block hypdr-agent.service
fi
`;
}

/**
 * An installer with the agent before it: that one ends early on a machine without systemd, and never comes back where a
 * restore goes off.
 */
export function withAgent(installer: string, site: string, script: 'hypdr-standby' | 'hypdr-site-restore'): string {
  return `#!/bin/bash\nset -euo pipefail\n${renderAgent(site, script)}${installer.replace(/^#!.*\n/, '')}`;
}

/** The program itself. Paths and pauses are those of the environment where it has some. */
export function agent(site: string, script: 'hypdr-standby' | 'hypdr-site-restore'): string {
  const instance = '/computeMetadata/v1/instance';
  return `#!/bin/bash
set -uo pipefail
metadata="\${HYPDR_METADATA:-http://metadata.google.internal}"
state="\${HYPDR_STATE:-/var/lib/hypnoscript-dr}"
program="\${HYPDR_PROGRAM:-/usr/local/sbin/${script}}"
site=${quoted(site)}
mkdir -p "$state"
ask() { curl -fsS --max-time 10 -H 'Metadata-Flavor: Google' "$@"; }
answer() { ask -X PUT --data-binary "$1" "$metadata${instance}/guest-attributes/hypdr/answer" >/dev/null; }
act() {
  case "$1" in
    promote | activate) "$program" "$1" "$site" 2>&1 ;;
    able) "$program" able 2>&1 ;;
    stop) "$program" leave 2>&1 ;;
    *) echo "no word: $1"; return 64 ;;
  esac
}
while :; do
  asked="$(ask "$metadata${instance}/attributes/${ACTIVATION_KEY}" 2>/dev/null)" || asked=''
  done_before="$(cat "$state/agent" 2>/dev/null)" || done_before=''
  if [[ "$asked" =~ ^[a-z]+\\ [0-9a-zA-Z-]+$ ]] && [ "$asked" != "$done_before" ]; then
    read -r word run <<<"$asked"
    said="$(act "$word")"
    code=$?
    # A copy that is under way, or a lease that is not over yet: the same word, in a while.
    if [ "$code" != 75 ]; then
      if answer "$run $code $(printf '%s' "$said" | tail -n 3 | tr '\\n' ' ' | head -c 500)"; then
        printf '%s' "$asked" >"$state/agent"
      fi
    fi
  fi
  [ -z "\${HYPDR_ONCE:-}" ] || exit 0
  sleep "\${HYPDR_PAUSE:-5}"
done`;
}
