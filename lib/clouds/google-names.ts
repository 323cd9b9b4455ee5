import type { NameRule } from './cloud';
import type { Fault } from './name-rule';
import { always, namingRule, never, notAnAddress, onlyCharacters } from './name-rule';

const LONGEST_PART = 63;

const partsInLength: Fault = (name) => {
  const long = name.split('.').find((part) => part.length > LONGEST_PART);
  if (long === undefined) return undefined;
  return long === name
    ? `has ${name.length} characters, needs 3 to ${LONGEST_PART} without a dot`
    : `has a part of ${long.length} characters, at most ${LONGEST_PART} stand between dots`;
};

/**
 * The service does not list which misspellings of its name it refuses; these are the ones with digits and more letters.
 * A dotted name is a domain whose ownership has to be proved before the bucket is created.
 * @see https://cloud.google.com/storage/docs/buckets#naming
 */
export const gcsBucket: NameRule = namingRule({
  text: 'a bucket: 3 to 63 lower case letters, digits, hyphens and underscores (222 with dots, 63 between them), without "google"',
  source: 'https://cloud.google.com/storage/docs/buckets#naming',
  length: [3, 222],
  faults: [
    onlyCharacters(/[a-z0-9._-]/, 'lower case letters, digits, hyphens, underscores and dots'),
    always(/^[a-z0-9]/, 'starts with neither a letter nor a digit'),
    always(/[a-z0-9]$/, 'ends with neither a letter nor a digit'),
    partsInLength,
    never(/\.\./, 'has two dots in a row'),
    notAnAddress,
    never(/^goog/, 'starts with "goog", which Google reserves'),
    never(/g[o0]{2,}g[l1i][e3]/, 'contains "google" or a misspelling of it'),
  ],
});

const KMS_SOURCE = 'https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings/create';
const kmsName = (text: string): NameRule =>
  namingRule({
    text: `${text}: 1 to 63 letters, digits, hyphens and underscores`,
    source: KMS_SOURCE,
    length: [1, 63],
    faults: [onlyCharacters(/[A-Za-z0-9_-]/, 'letters, digits, hyphens and underscores')],
  });

export const kmsKeyRing: NameRule = kmsName('a key ring');
export const kmsCryptoKey: NameRule = kmsName('a key of Cloud KMS');
