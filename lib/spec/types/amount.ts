import { Duration, Size, parsePercentage } from '../../units';
import { integer, leaf } from '../leaf';

export const size = leaf<Size>({
  name: 'size',
  text: 'a size such as "500MB", "100GB" or "1.5TB"',
  examples: ['"100GB"', '"1TB"'],
  rejects: '"large"',
  json: { type: 'string', pattern: '^\\d{1,7}(\\.\\d{1,3})?(KB|MB|GB|TB)$' },
  read: (plain) => (typeof plain === 'string' ? Size.parse(plain) : undefined),
});

/** Percent above 0 up to 100. */
export const percentage = leaf<number>({
  name: 'percentage',
  text: 'a percentage above 0 up to 100 such as "50%"',
  examples: ['"50%"', '"20%"'],
  rejects: '"150%"',
  json: { type: 'string', pattern: '^\\d{1,3}(\\.\\d{1,2})?%$' },
  read: (plain) => (typeof plain === 'string' ? parsePercentage(plain) : undefined),
});

/** How much an alternative process can do. */
export const capacity = leaf<number | 'read_only'>({
  name: 'capacity',
  text: 'a percentage such as "50%", or "read_only"',
  examples: ['"50%"', '"100%"', '"read_only"'],
  rejects: '"most"',
  json: { type: 'string', pattern: '^(\\d{1,3}(\\.\\d{1,2})?%|read_only)$' },
  read: (plain) => {
    if (plain === 'read_only') return plain;
    return typeof plain === 'string' ? parsePercentage(plain) : undefined;
  },
});

/** When an alert speaks: a time, a share, or the objective itself. */
export type Threshold =
  | { readonly kind: 'duration'; readonly duration: Duration }
  | { readonly kind: 'percentage'; readonly percent: number }
  | { readonly kind: 'objective'; readonly objective: 'rto_target' | 'rpo_target' };

export const threshold = leaf<Threshold>({
  name: 'threshold',
  text: 'a duration such as "2h", a percentage such as "90%", "rto_target" or "rpo_target"',
  examples: ['"2h"', '"90%"', '"rto_target"'],
  rejects: '"much"',
  json: { type: 'string', pattern: '^(\\d{1,9}(s|m|h|d)|\\d{1,3}(\\.\\d{1,2})?%|rto_target|rpo_target)$' },
  read: (plain) => {
    if (typeof plain !== 'string') return undefined;
    if (plain === 'rto_target' || plain === 'rpo_target') return { kind: 'objective', objective: plain };
    const time = Duration.parse(plain);
    if (time) return { kind: 'duration', duration: time };
    const percent = parsePercentage(plain);
    return percent === undefined ? undefined : { kind: 'percentage', percent };
  },
});

export const jobs = integer('number of jobs', 'a whole number of parallel jobs', 1, 64);
export const count = integer('count', 'a whole number', 0, 1000);
export const iops = integer('iops', 'a whole number of operations a second', 100, 256_000);
export const stepNumber = integer('step number', 'a whole number', 1, 999);
export const port = integer('port', 'a port number', 1, 65_535);
