import { join } from 'node:path';
import type { Uploads } from '../../stacks/aws';

/** What the build of this package put together for deployments. */
export function uploadsOf(packageRoot: string): Uploads {
  return { image: join(packageRoot, 'dist/image'), prober: join(packageRoot, 'dist/prober') };
}
