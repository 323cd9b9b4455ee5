import { childPath } from '../../diagnostics';
import { MYSQL_IN_IMAGE } from '../task-image';
import type { PlanCheck } from './finding';

/**
 * Tools that a container would look for in vain: MySQL's are in the image where the spec puts them there, and Debian 13
 * has what MariaDB calls by MySQL's names in a package that the image does not hold (mariadb-client-compat).
 */
export const toolNotInImage: PlanCheck = ({ context, dataSets, plan }) => {
  const isThere = context.deployment.image?.mysql !== undefined;
  for (const { name, engine, tool, host } of plan.tasks) {
    if (host !== 'container' || tool !== 'mysqldump') continue;
    const path = `${dataSets.find((one) => one.name === name)?.path ?? ''}.type`;
    if (engine === 'mariadb') {
      context.report({
        code: 'DR3094',
        path,
        message: `"${name}" is MariaDB and is dumped by mysqldump in a container, which is ${isThere ? "MySQL's there and refuses it" : 'not there under that name on Debian 13'}`,
        fix: 'say type: "mariadb-dump"',
      });
    } else if (!isThere) {
      context.report({
        code: 'DR3094',
        path,
        message: `"${name}" runs in a container, and the image of tasks holds MariaDB's client, which backs up no MySQL server: its runs will fail`,
        fix: `put MySQL's own into the image (${MYSQL_IN_IMAGE}), run it on a host that has it, or say type: "mariadb-dump" if the source is a MariaDB server`,
      });
    }
  }
};

/** A managed MySQL that backups are restored into is reached from a container, by MySQL's own client. */
export const restoreNotInImage: PlanCheck = ({ context, plan }) => {
  if (context.deployment.image?.mysql) return;
  for (const { name, database } of plan.sites) {
    if (database?.kind !== 'service' || database.engine !== 'mysql') continue;
    context.report({
      code: 'DR3094',
      path: `${childPath('disaster_recovery.dr_sites', name)}.infrastructure.database.engine`,
      message: `backups of MySQL are restored into "${name}" from a container, and the image holds MariaDB's client: its restores will fail`,
      fix: `put MySQL's own into the image: ${MYSQL_IN_IMAGE}`,
    });
  }
};
