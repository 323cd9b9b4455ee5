import { isFromFuture } from './chain';
import type { StoredManifest } from './manifest';
import { nameOf } from './restore/link';
import type { ReportFinding } from './verify';
import { namesText } from './verify-names';

/** By the verifier's clock alone, which saw it once: that its time has come since changes nothing. */
const ANY_TIME = new Date(8.64e15);

/**
 * Says which backups are dated after the moment at which they were verified. Nothing of them is damaged, and they stay
 * for as long as they say; no age, no newest backup and no pruning goes by them, and a restore has to name them.
 */
export function reportFuture(verified: readonly StoredManifest[], report: ReportFinding): void {
  const ahead = verified.filter((one) => isFromFuture(one, ANY_TIME));
  if (ahead.length === 0) return;
  const names = ahead.map(({ manifest }) => nameOf(manifest)).sort();
  report(
    '',
    'future',
    `${namesText(names)} ${names.length === 1 ? 'is' : 'are'} dated after the clock of the verifier that saw ${names.length === 1 ? 'it' : 'them'} first, and never the newest: correct the clock of the host that took them or of the verifier, and take a full; where both were right, somebody who may write put them there: replace the writer's keys`,
  );
}
