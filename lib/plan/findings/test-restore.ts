import type { EngineName } from '../../contract';
import type { PlanCheck } from './finding';

/** What the image of tasks lacks, in words, and what somebody can do by hand. */
const LACKING: Partial<Record<EngineName, { readonly why: string; readonly fix: string }>> = {
  sqlserver: {
    why: 'the image of tasks holds no SQL Server, whose licence keeps it out',
    fix: 'run hypdr-runner test-restore now and then on a Linux machine that shares a folder with a server of your own, which HYPDR_TEST_SQLSERVER names',
  },
  mysql: {
    why: 'the image of tasks holds a MariaDB server, and a backup of MySQL goes to a server of its own family only',
    fix: 'put MySQL into the image (deployment.image.mysql), run hypdr-runner test-restore where a MySQL server is installed, or say type: "mariadb-dump" if the source is a MariaDB server',
  },
};

/** A test restore that was asked for and that no container can run is never a silence. */
export const unrunnableTestRestore: PlanCheck = ({ context, dataSets, plan }) => {
  for (const { name, engine, validation } of plan.tasks) {
    if (validation.testRestore?.byHand !== true) continue;
    const { why = '', fix = '' } = LACKING[engine] ?? {};
    context.report({
      code: 'DR3076',
      path: `${dataSets.find((one) => one.name === name)?.path ?? ''}.validation.test_restore`,
      message: `the test restores of "${name}" are run by nobody: ${why}`,
      fix,
    });
  }
};
