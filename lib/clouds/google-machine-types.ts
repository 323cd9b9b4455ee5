import type { Architecture, NameRule, NameVerdict } from './cloud';
import { GOOGLE_MACHINE_SIZES } from './google-machines';
import { KNOWN, UNKNOWN, malformed } from './name-rule';
import { hasSize, sizeTable } from './size-table';

const TABLE = sizeTable(GOOGLE_MACHINE_SIZES);
const PREDEFINED = /^([a-z]\d[a-z]?-[a-z]+(?:-[a-z]+)*)(?:-(\d+[a-z]?(?:-[a-z]+)?))?$/;
const CUSTOM = /^(?:([a-z]\d[a-z]?)-)?custom-(\d+)-(\d+)(-ext)?$/;
const SHARED_CORE = ['f1-micro', 'g1-small', 'e2-micro', 'e2-small', 'e2-medium'];

interface CustomLimits {
  readonly cpus: number;
  /** Fewest and most GB of memory for each vCPU; `-ext` lifts the upper limit. */
  readonly memory: readonly [number, number];
}

/** @see https://cloud.google.com/compute/docs/instances/creating-instance-with-custom-machine-type */
const CUSTOM_LIMITS: ReadonlyMap<string, CustomLimits> = new Map([
  ['n1', { cpus: 96, memory: [0.9, 6.5] }],
  ['n2', { cpus: 128, memory: [0.5, 8] }],
  ['n2d', { cpus: 96, memory: [0.5, 8] }],
  ['n4', { cpus: 80, memory: [2, 8] }],
  ['e2', { cpus: 32, memory: [0.5, 8] }],
]);

/** @see https://cloud.google.com/compute/docs/machine-resource */
export const googleMachineTypes: NameRule = {
  text: 'a machine type: a series, a kind and vCPUs, such as n2-standard-4 or n2-custom-4-8192',
  source: 'https://cloud.google.com/compute/docs/machine-resource',
  judge(name) {
    const custom = CUSTOM.exec(name);
    if (custom) return judgeCustom(custom[1] ?? 'n1', Number(custom[2]), Number(custom[3]), custom[4] !== undefined);
    if (SHARED_CORE.includes(name)) return KNOWN;
    const match = PREDEFINED.exec(name);
    if (!match) return malformed('is not written like a machine type (n2-standard-4)');
    return hasSize(TABLE, match[1] ?? '', match[2] ?? '') ? KNOWN : UNKNOWN;
  },
};

function judgeCustom(series: string, cpus: number, megabytes: number, isExtended: boolean): NameVerdict {
  if (megabytes === 0 || megabytes % 256 !== 0)
    return malformed(`asks for ${megabytes} MB, which is no multiple of 256 MB`);
  if (cpus === 0 || (cpus > 1 && cpus % 2 !== 0)) return malformed(`asks for ${cpus} vCPUs, needs 1 or an even number`);
  const limits = CUSTOM_LIMITS.get(series);
  if (!limits) return UNKNOWN;
  if (cpus > limits.cpus) return malformed(`asks for ${cpus} vCPUs, ${series} has at most ${limits.cpus}`);
  const [least, most] = limits.memory;
  const each = megabytes / 1024 / cpus;
  if (each < least || (each > most && !isExtended)) {
    return malformed(`asks for ${Number(each.toFixed(2))} GB for each vCPU, ${series} has ${least} to ${most}`);
  }
  return KNOWN;
}

/** Series with Arm processors: https://cloud.google.com/compute/docs/instances/arm-on-compute */
export function googleArchitecture(machineType: string): Architecture {
  return /^(t2a|c4a|n4a|a4x)-/.test(machineType) ? 'arm64' : 'x86_64';
}
