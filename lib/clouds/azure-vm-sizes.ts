import { AZURE_VM_SIZES } from './azure-sizes';
import type { Architecture, NameRule } from './cloud';
import { KNOWN, UNKNOWN, malformed } from './name-rule';
import { namesFrom } from './size-table';

const SOURCE = 'https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions';
const SIZES = namesFrom(AZURE_VM_SIZES);
/** Family, vCPUs, constrained vCPUs, features, then accelerator and version. */
const PATTERN = /^Standard_([A-Z]+)(\d+)(?:-(\d+))?([a-z]*(?:_[A-Za-z0-9]+)*)$/;

/** @see https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions */
export const azureVmSizes: NameRule = {
  text: 'a size of a virtual machine: Standard_, family, vCPUs, features and version, such as Standard_D4s_v3',
  source: SOURCE,
  judge(name) {
    const match = PATTERN.exec(name);
    if (!match) return malformed(spelling(name));
    const [, family = '', cpus = '', constrained, rest = ''] = match;
    if (!SIZES.has(`${family}${cpus}${rest}`)) return UNKNOWN;
    return constrained === undefined || isConstrained(family, Number(cpus), Number(constrained)) ? KNOWN : UNKNOWN;
  },
};

const UNLIKE = 'is not written like a size of an Azure virtual machine (Standard_D4s_v3)';

function spelling(name: string): string {
  const fixed = `Standard_${name.replace(/^standard_/i, '')}`;
  return fixed !== name && PATTERN.test(fixed) ? `is written ${fixed}` : UNLIKE;
}

/**
 * Memory-optimized sizes also come with a half or a quarter of their vCPUs, for licences that are paid by core.
 * @see https://learn.microsoft.com/azure/virtual-machines/constrained-vcpu
 */
function isConstrained(family: string, cpus: number, constrained: number): boolean {
  return family === 'E' && (constrained * 2 === cpus || constrained * 4 === cpus);
}

/**
 * Sizes with a "p" after the number of vCPUs have Arm processors.
 * @see https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions
 */
export function azureArchitecture(size: string): Architecture {
  return /^Standard_[A-Z]+\d+p/i.test(size) ? 'arm64' : 'x86_64';
}
