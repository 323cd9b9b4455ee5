type Architecture = 'x86_64' | 'arm64';

/** The current image of Ubuntu 24.04 LTS of a family: which one that is, is Canonical's to say when a machine is made. */
export function ubuntu(architecture: Architecture): string {
  return `projects/ubuntu-os-cloud/global/images/family/ubuntu-2404-lts-${architecture === 'arm64' ? 'arm64' : 'amd64'}`;
}

/**
 * A machine that starts nothing which is not signed. On Arm not every series can.
 * @see https://cloud.google.com/compute/shielded-vm/docs/shielded-vm
 */
export function shielded(architecture: Architecture) {
  return { enableSecureBoot: architecture === 'x86_64', enableVtpm: true, enableIntegrityMonitoring: true } as const;
}

/** People log in as who they are to Google, and no key lies in metadata. */
export const ACCESS = {
  'enable-oslogin': 'TRUE',
  'block-project-ssh-keys': 'TRUE',
} as const;
