import type { TaskImage } from '../contract';
import type { PlanContext } from './context';

/** The path that puts MySQL's own server and client into the image. */
export const MYSQL_IN_IMAGE = 'deployment.image.mysql';

/** What the image of tasks is built of, the same in every cloud, and where the spec says so. */
export function taskImageOf({ deployment }: Pick<PlanContext, 'deployment'>): TaskImage & { readonly from: string[] } {
  const { base, postgresql, packages, mysql } = deployment.image ?? {};
  return {
    from: [
      'deployment.image.base',
      ...(postgresql === undefined ? [] : ['deployment.image.postgresql']),
      ...(packages ? ['deployment.image.packages'] : []),
      ...(mysql ? [MYSQL_IN_IMAGE] : []),
    ],
    ...(base !== undefined && { base }),
    ...(postgresql !== undefined && { postgresql }),
    ...(packages && { packages: [...packages] }),
    ...(mysql && { mysql: { url: mysql.url, sha256: mysql.sha256 } }),
  };
}
