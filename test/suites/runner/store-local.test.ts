import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFolder } from '../../../lib/runner/store/local';
import { testMachine } from '../../runner/store/store-machine';
import { storeContract } from './store-contract';

const never = () => false;

storeContract('a folder', { secrets: false, versions: 'none' }, async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'hypdr-local-'));
  const machine = testMachine();
  return {
    machine,
    partBytes: 256 * 1024,
    requests: { put: never, part: never, commit: never, list: never },
    open: () => openFolder('local', root, machine),
    openMissing: () => openFolder('local', path.join(root, 'nowhere'), machine),
    stop: async () => rmSync(root, { recursive: true }),
  };
});
