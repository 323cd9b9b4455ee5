import { buildArgumentsOf } from '../contract/task-image';
import type { TaskImage } from '../contract/task-image';

/**
 * The command that builds the image of tasks, run in the folder of the package: Terraform builds none. Addresses may
 * have signs that a shell reads, and none that ends a quotation.
 */
export function imageBuildCommand(image: TaskImage, address: string): string {
  const chosen = { BASE_IMAGE: 'IMAGE@sha256:DIGEST', ...buildArgumentsOf(image) };
  const flags = Object.entries(chosen).map(([name, value]) => `--build-arg ${quoted(`${name}=${value}`)}`);
  return ['docker build --platform linux/amd64', ...flags, '--tag', `${address}:VERSION`, 'dist/image'].join(' ');
}

function quoted(word: string): string {
  return /^[\w.:/@=-]+$/.test(word) ? word : `'${word}'`;
}
