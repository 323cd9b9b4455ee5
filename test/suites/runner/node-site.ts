import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { NodeRelease } from '../../../lib/hosts';

export interface NodeSite {
  readonly release: NodeRelease;
  /** Archive of the release, as a file. */
  readonly archive: string;
  /** What was asked of it. */
  readonly downloads: string[];
  close(): void;
}

/** The Node of this machine, packed as it is published and given out by a server of this machine. */
export async function startNodeSite(folder: string): Promise<NodeSite> {
  const archive = packNode(folder);
  const downloads: string[] = [];
  const server = createServer((request, response) => {
    downloads.push(request.url ?? '');
    response.end(request.url === `/${path.basename(archive)}` ? readFileSync(archive) : '');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const sha256 = createHash('sha256').update(readFileSync(archive)).digest('hex');
  const one = { url: `http://127.0.0.1:${port}/${path.basename(archive)}`, sha256 };
  return {
    release: { version: '99.0.0', archives: { x86_64: one, aarch64: one } },
    archive,
    downloads,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function packNode(folder: string): string {
  const name = 'node-v99.0.0-linux-x64';
  mkdirSync(path.join(folder, name, 'bin'), { recursive: true });
  copyFileSync(process.execPath, path.join(folder, name, 'bin/node'));
  writeFileSync(path.join(folder, name, 'LICENSE'), 'licence\n');
  writeFileSync(path.join(folder, name, 'README.md'), 'not needed\n');
  execFileSync('tar', ['-I', 'gzip -1', '-cf', `${name}.tar.gz`, name], { cwd: folder });
  return path.join(folder, `${name}.tar.gz`);
}
