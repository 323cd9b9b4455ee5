import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The accepted findings, each with its reason; one that matches nothing any more is a finding itself. */
export class Skips {
  #entries;

  constructor(entries = JSON.parse(readFileSync(path.join(import.meta.dirname, 'skips.json'), 'utf8'))) {
    this.#entries = entries.map((entry) => ({ ...entry, pattern: new RegExp(entry.resource), used: false }));
    for (const { check, reason } of entries) {
      if (!reason || reason.length < 30) throw new Error(`the skip of ${check} has no reason`);
    }
  }

  accepts({ check, resource }) {
    const found = this.#entries.filter((entry) => entry.check === check && entry.pattern.test(resource));
    for (const entry of found) entry.used = true;
    return found.length > 0;
  }

  unused() {
    return this.#entries.filter(({ used }) => !used).map(({ check, resource }) => `${check} on ${resource}`);
  }
}
