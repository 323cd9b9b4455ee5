import { blob, must, when } from './steps';
import type { Step } from './steps';

/** `WORD TERM SECONDS`: who has the lease, the how manieth word it is, and when it was said. */
export type LeaseWord = 'granted' | 'revoked';

/** Whether the lease has a word, by a look at it. */
export function leaseIs(look: string, word: LeaseWord): string {
  return `startsWith(coalesce(body('${look}'), ''), '${word} ')`;
}

/** What is no lease is nobody's: whoever can't read it does nothing. */
export function leaseKnown(look: string, words: string): Step {
  return must(
    `${look}_known`,
    { equals: [`@or(${leaseIs(look, 'granted')}, ${leaseIs(look, 'revoked')})`, true] },
    words,
    { [look]: ['Succeeded', 'Failed'] },
  );
}

/**
 * Gives the lease this word, where it has the other one: each word raises the term by exactly one, so one that has it
 * already stays as it is. Nobody writes over what somebody else wrote meanwhile.
 */
export function turnLease(identity: string, leaseUrl: string, word: LeaseWord): readonly Step[] {
  const lease = "coalesce(body('Lease'), '')";
  const now = "div(sub(ticks(utcNow()), ticks('1970-01-01T00:00:00Z')), 10000000)";
  const headers = { 'If-Match': "@{outputs('Lease')?['headers']?['ETag']}", 'Content-Type': 'text/plain' };
  const body = `@{concat('${word} ', string(add(int(split(${lease}, ' ')[1]), 1)), ' ', string(${now}))}`;
  const other = word === 'granted' ? 'revoked' : 'granted';
  return [
    ['Lease', blob(identity, 'GET', leaseUrl)],
    leaseKnown('Lease', 'the lease is no lease, or cannot be read: nobody knows whether the primary has it'),
    [
      'Turn_lease',
      when({ equals: [`@${leaseIs('Lease', other)}`, true] }, [
        [`Lease_${word}`, blob(identity, 'PUT', leaseUrl, { body, headers })],
      ]),
    ],
  ];
}
