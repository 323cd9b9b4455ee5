import { z } from 'zod';

/** Major version of the PostgreSQL in the image, unless the spec says another one; the Dockerfile says it as well. */
export const POSTGRESQL_IN_IMAGE = 17;

/** What the container of tasks is built of, as the spec chooses it. */
export const taskImageShape = {
  base: z.string().optional().describe('base image by digest; left out: the build of the image refuses'),
  postgresql: z
    .number()
    .int()
    .optional()
    .describe(`major version of PostgreSQL's client and server; left out: ${POSTGRESQL_IN_IMAGE}`),
  packages: z.array(z.string()).optional().describe('Debian packages that are installed beside all others'),
  mysql: z
    .strictObject({ url: z.string(), sha256: z.string() })
    .optional()
    .describe("MySQL's own server and client, by address and checksum; left out: MariaDB's only"),
};

/** The same alone, as a build takes it. */
export const TaskImage = z.strictObject(taskImageShape);

export type TaskImage = z.infer<typeof TaskImage>;

/** Arguments of the image's build, by the names that its Dockerfile has for them. */
export function buildArgumentsOf({ base, postgresql, packages, mysql }: TaskImage): Readonly<Record<string, string>> {
  return {
    ...(base !== undefined && { BASE_IMAGE: base }),
    ...(postgresql !== undefined && { POSTGRESQL: String(postgresql) }),
    ...(packages && packages.length > 0 && { PACKAGES: packages.join(' ') }),
    ...(mysql && { MYSQL_URL: mysql.url, MYSQL_SHA256: mysql.sha256 }),
  };
}
