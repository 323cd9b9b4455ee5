import type { SizeRow } from './size-table';

const N2 = '2 4 8 16 32 48 64 80';
const C3D = '4 8 16 30 60 90 180 360';
const C4 = '2 4 8 16 24 32 48 96 144 192 288';
const C4A = '1 2 4 8 16 32 48 64 72';
const C4D = '2 4 8 16 32 48 64 96 192 384';

/**
 * Predefined machine types by series and kind; what follows the kind is the number of vCPUs or accelerators.
 * @see https://cloud.google.com/compute/docs/general-purpose-machines
 * @see https://cloud.google.com/compute/docs/compute-optimized-machines
 * @see https://cloud.google.com/compute/docs/memory-optimized-machines
 * @see https://cloud.google.com/compute/docs/accelerator-optimized-machines
 */
export const GOOGLE_MACHINE_SIZES: readonly SizeRow[] = [
  ['2 4 8 16 32', 'e2-standard e2-highcpu'],
  ['2 4 8 16', 'e2-highmem'],
  ['1 2 4 8 16 32 64 96', 'n1-standard'],
  ['2 4 8 16 32 64 96', 'n1-highmem n1-highcpu'],
  [`${N2} 96 128`, 'n2-standard n2-highmem'],
  [`${N2} 96`, 'n2-highcpu n2d-highmem'],
  [`${N2} 96 128 224`, 'n2d-standard n2d-highcpu'],
  [N2, 'n4-standard n4-highmem n4-highcpu'],
  ['1 2 4 8 16 32 48 60', 't2d-standard'],
  ['1 2 4 8 16 32 48', 't2a-standard'],
  ['4 8 16 30 60', 'c2-standard'],
  ['2 4 8 16 32 56 112', 'c2d-standard c2d-highmem c2d-highcpu'],
  ['4 8 22 44 88 176 4-lssd 8-lssd 22-lssd 44-lssd 88-lssd 176-lssd 192-metal', 'c3-standard'],
  ['4 8 22 44 88 176 192-metal', 'c3-highmem c3-highcpu'],
  [`${C3D} 8-lssd 16-lssd 30-lssd 60-lssd 90-lssd 180-lssd 360-lssd`, 'c3d-standard c3d-highmem'],
  [C3D, 'c3d-highcpu'],
  [C4, 'c4-standard c4-highmem c4-highcpu'],
  [`${C4A} 4-lssd 8-lssd 16-lssd 32-lssd 48-lssd 64-lssd 72-lssd`, 'c4a-standard c4a-highmem'],
  [C4A, 'c4a-highcpu'],
  [C4D, 'c4d-standard c4d-highmem c4d-highcpu'],
  ['88', 'h3-standard'],
  ['40 80 160', 'm1-ultramem'],
  ['96', 'm1-megamem'],
  ['208 416', 'm2-ultramem'],
  ['416', 'm2-megamem m2-hypermem'],
  ['32 64 128', 'm3-ultramem'],
  ['64 128', 'm3-megamem'],
  ['1g 2g 4g 8g', 'a2-highgpu a2-ultragpu'],
  ['16g', 'a2-megagpu'],
  ['4 8 12 16 24 32 48 96', 'g2-standard'],
];
