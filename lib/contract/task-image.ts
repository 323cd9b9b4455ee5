import { z } from 'zod';

/** What the container of tasks is built of, as the spec chooses it. */
export const taskImageShape = {
  base: z.string().optional().describe('base image by digest; left out: the build of the image refuses'),
  mysql: z
    .strictObject({ url: z.string(), sha256: z.string() })
    .optional()
    .describe("MySQL's own server and client, by address and checksum; left out: MariaDB's only"),
};

/** The same alone, as a build takes it. */
export const TaskImage = z.strictObject(taskImageShape);

export type TaskImage = z.infer<typeof TaskImage>;

/** Arguments of the image's build, by the names that its Dockerfile has for them. */
export function buildArgumentsOf({ base, mysql }: TaskImage): Readonly<Record<string, string>> {
  return {
    ...(base !== undefined && { BASE_IMAGE: base }),
    ...(mysql && { MYSQL_URL: mysql.url, MYSQL_SHA256: mysql.sha256 }),
  };
}
