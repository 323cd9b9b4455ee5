import type { Construct } from 'constructs';
import type { SiteCompute } from '../../contract/site';
import { input } from '../input';

type Architecture = SiteCompute['architecture'];

/**
 * The current image of Ubuntu 24.04 LTS, which its publisher renews: a machine that is made gets the newest.
 * @see https://documentation.ubuntu.com/azure/azure-how-to/instances/find-ubuntu-images/
 */
export function ubuntu(architecture: Architecture): {
  readonly publisher: string;
  readonly offer: string;
  readonly sku: string;
  readonly version: string;
} {
  const sku = architecture === 'arm64' ? 'server-arm64' : 'server';
  return { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku, version: 'latest' };
}

/** Only what its publisher signed starts. Not every size with Arm processors has it, and that image is not made for it. */
export function trustedLaunch(architecture: Architecture): {
  readonly secureBootEnabled?: true;
  readonly vtpmEnabled?: true;
} {
  return architecture === 'x86_64' ? { secureBootEnabled: true, vtpmEnabled: true } : {};
}

const ADMIN = 'operator';

const KEY = 'ssh_public_key';
const HOST_ENCRYPTION = 'encryption_at_host';

/** What machines are told by whoever deploys. */
export function machineInputs(scope: Construct): void {
  input(scope, KEY, {
    type: 'string',
    description:
      'Public SSH key of whoever may look into machines. Azure makes no machine without one; no port leads to it, and the private half stays with you.',
    checks: [
      {
        condition: `\${can(regex("^(ssh-rsa|ssh-ed25519) [A-Za-z0-9+/]+=*( [^\\n]*)?$", trimspace(var.${KEY})))}`,
        errorMessage: 'it is one line of a .pub file: ssh-ed25519 or ssh-rsa, and the key',
      },
    ],
  });
  input(scope, HOST_ENCRYPTION, {
    type: 'bool',
    default: false,
    description:
      'Whether disks are encrypted on the host too, caches and temporary disks with them. The subscription needs the feature: az feature register --namespace Microsoft.Compute --name EncryptionAtHost.',
    checks: [],
  });
}

/** How one gets into a machine: not by a password. */
export function access(): {
  readonly adminUsername: string;
  readonly disablePasswordAuthentication: true;
  readonly adminSshKey: { readonly username: string; readonly publicKey: string }[];
} {
  const adminSshKey = [{ username: ADMIN, publicKey: `\${trimspace(var.${KEY})}` }];
  return { adminUsername: ADMIN, disablePasswordAuthentication: true, adminSshKey };
}

/** Override of a machine, since the binding knows no expression for a flag. */
export const HOST_ENCRYPTED = `\${var.${HOST_ENCRYPTION}}`;
