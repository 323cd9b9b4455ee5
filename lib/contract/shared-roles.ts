import { z } from 'zod';

/** What a container on AWS does: it says which roles it may take. A copy job writes. */
export const RoleKind = z.enum(['writer', 'verifier', 'pruner', 'restorer']);

const Arn = z.string().regex(/^arn:[^:]+:iam::\d{12}:role\/.+$/);

/** Variable of a container with the roles that its task shares with others, as `SharedRoles` in JSON. */
export const SHARED_ROLES = 'HYPDR_AWS_ROLES';
/** Variable of a container with its `RoleKind`. */
export const SHARED_ROLE_KIND = 'HYPDR_AWS_KIND';

/** Roles that a container may take, narrowed to the places of one task. */
export const SharedRoles = z.strictObject({
  stores: z
    .partialRecord(RoleKind, z.record(z.string(), Arn))
    .describe('by what the container does, then by the id of the store'),
  secrets: Arn.optional().describe('reads the secrets of sources'),
});

export type RoleKind = z.infer<typeof RoleKind>;
export type SharedRoles = z.infer<typeof SharedRoles>;
