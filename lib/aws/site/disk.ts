import type { SiteVolume } from '../../contract/site';

/** GiB of the disk with the system: programs, logs, and what a restore reads before it writes. */
const SYSTEM_GIB = 30;

/** The system's own disk. Ubuntu's images call it so. */
export function systemDisk(keyArn: string, sizeGiB = SYSTEM_GIB) {
  return {
    deviceName: '/dev/sda1',
    ebs: { encrypted: true, kmsKeyId: keyArn, volumeType: 'gp3', volumeSize: sizeGiB, deleteOnTermination: true },
  };
}

/** A data volume that lives as long as its machine. */
export function scratchDisk({ type, sizeGiB, iops }: SiteVolume, keyArn: string) {
  return {
    deviceName: DATA_DEVICE,
    ebs: {
      encrypted: true,
      kmsKeyId: keyArn,
      volumeType: type,
      volumeSize: sizeGiB,
      ...(iops !== undefined && { iops }),
      deleteOnTermination: true,
    },
  };
}

/** Machines of Nitro call it otherwise; what is on them looks for the size. */
export const DATA_DEVICE = '/dev/sdf';

/** No credentials by a request that was forged, and none through a container's hop. */
export const METADATA = { httpTokens: 'required', httpPutResponseHopLimit: 1, httpEndpoint: 'enabled' } as const;
