import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Uploads } from '../../stacks/aws';

/** What the build of this package put together for deployments. */
export function uploadsOf(packageRoot: string): Uploads {
  const file = join(packageRoot, 'dist/bin/runner.js');
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  return {
    image: join(packageRoot, 'dist/image'),
    prober: join(packageRoot, 'dist/prober'),
    runner: { file, sha256 },
  };
}
