/** Node for one kind of processor, as it is published. */
export interface NodeArchive {
  /** Archive (`.tar.gz`) whose one folder is called like the archive. */
  readonly url: string;
  /** SHA-256 of the archive, in hex. */
  readonly sha256: string;
}

/** The Node that runs backups on hosts: a folder of its own there, beside whatever else the host has. */
export interface NodeRelease {
  readonly version: string;
  /** By what `uname -m` says. */
  readonly archives: Readonly<Record<'x86_64' | 'aarch64', NodeArchive>>;
}

/**
 * Long-term support until April 2028; it needs glibc 2.28 or newer (RHEL 8, Debian 10, Amazon Linux 2023).
 * @see https://nodejs.org/dist/v24.18.0/SHASUMS256.txt
 */
export const NODE_RELEASE: NodeRelease = {
  version: '24.18.0',
  archives: {
    x86_64: {
      url: 'https://nodejs.org/dist/v24.18.0/node-v24.18.0-linux-x64.tar.gz',
      sha256: '783130984963db7ba9cbd01089eaf2c2efb055c7c1693c943174b967b3050cb8',
    },
    aarch64: {
      url: 'https://nodejs.org/dist/v24.18.0/node-v24.18.0-linux-arm64.tar.gz',
      sha256: '6b4484c2190274175df9aa8f28e2d758a819cb1c1fe6ab481e2f95b463ab8508',
    },
  },
};

/** How Node is started for the runner, whose heap is small beside much memory outside of it: docs/runner.md says why. */
export const NODE_FLAGS = ['--no-incremental-marking', '--max-semi-space-size=1'] as const;
