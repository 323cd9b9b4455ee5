import type { Site } from '../../contract/site';
import { fitName } from '../../units';

/** Ids of service accounts have at most so many characters. */
const LONGEST_ACCOUNT = 30;
/** Names of buckets have 63, and the number of the project ends them. */
const LONGEST_BUCKET = 48;

export function accountId({ prefix }: Pick<Site, 'prefix'>, does: string): string {
  return fitName(`${does}-${prefix}`, LONGEST_ACCOUNT);
}

/**
 * Name of a bucket of a site. Names are global, numbers of projects are nobody else's; Google's own name may not be in
 * one: https://cloud.google.com/storage/docs/buckets#naming
 */
export function bucketName(name: string, number: string): string {
  return `${fitName(name.replace(/g[o0]+gle?/g, 'g'), LONGEST_BUCKET)}-${number}`;
}
