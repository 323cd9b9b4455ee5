import { BOOTSTRAP } from './bootstrap';
import { renderCloud } from './cloud';
import { COMMON } from './common';
import { FAILBACK } from './failback';
import { KEPT } from './kept';
import { LAG, READY } from './lag';
import type { StandbyMachine } from './machine';
import { PRIMARY } from './primary';
import { PROMOTE } from './promote';
import { REINDEX } from './reindex';
import { REJOIN } from './rejoin';
import { WATCHDOG } from './watchdog';

/** A script of one word for each thing that it does. */
function program(parts: readonly string[], words: Readonly<Record<string, string>>): string {
  return [
    '#!/bin/bash',
    '# Written by hypdr: the next deployment writes it again.',
    '# shellcheck disable=SC2154',
    ...parts,
    'word="${1:-}"',
    '[ $# = 0 ] || shift',
    'case "$word" in',
    ...Object.entries(words).map(([word, name]) => `  ${word}) ${name} "$@" ;;`),
    `  *) fail 64 "say one of: ${Object.keys(words).join(', ')}" ;;`,
    'esac',
    '',
  ].join('\n');
}

/** `hypdr-standby`: what runs on a database machine of a site. */
export function renderStandbyScript(cloud: StandbyMachine['cloud']): string {
  return program([COMMON, renderCloud(cloud), BOOTSTRAP, REINDEX, LAG, READY, PROMOTE, KEPT, REJOIN], {
    bootstrap: 'bootstrap',
    lag: 'lag',
    ready: 'ready',
    able: 'able',
    promote: 'promote',
    leave: 'leave',
    rejoin: 'rejoin',
    status: 'status',
  });
}

/** `hypdr-primary`: what runs on the server that is protected, and on the way back. */
export function renderPrimaryScript(cloud: StandbyMachine['cloud']): string {
  return program([COMMON, renderCloud(cloud), BOOTSTRAP, PRIMARY, WATCHDOG, KEPT, FAILBACK], {
    setup: 'setup',
    heartbeat: 'heartbeat',
    slots: 'slots',
    watch: 'watch_lease',
    gate: 'gate',
    failback: 'failback',
    'take-back': 'take_back',
  });
}
