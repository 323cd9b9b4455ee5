import { POSTGRESQL_IN_IMAGE } from '../../contract/task-image';
import type { PlanCheck } from './finding';

/** A package for one version of PostgreSQL brings that version along, and does nothing for the one that is started. */
export const packageOfOtherVersion: PlanCheck = ({ context }) => {
  const { postgresql = POSTGRESQL_IN_IMAGE, packages = [] } = context.deployment.image ?? {};
  for (const [index, name] of packages.entries()) {
    const [, version] = /^postgresql-(\d+)(?:-|=|$)/.exec(name) ?? [];
    if (version === undefined || Number(version) === postgresql) continue;
    context.report({
      code: 'DR3097',
      path: `deployment.image.packages[${index}]`,
      message: `"${name}" is for PostgreSQL ${version}, and the image has PostgreSQL ${postgresql}`,
      fix: `name "${name.replace(`-${version}`, `-${postgresql}`).replace(/=.*/, '')}", or say postgresql: ${version}`,
    });
  }
};
