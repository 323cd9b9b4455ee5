import { z } from 'zod';

/**
 * What every node of the ProtectionPlan carries: a stable id, which the templates repeat, and the spec paths
 * that it comes from. A path stands for all leaves under it.
 */
export const nodeShape = {
  id: z.string().describe('stable id; repeated in the metadata of each resource that answers for the node'),
  from: z.array(z.string()).readonly().describe('paths of the spec that this node comes from, sorted'),
};

export const days = z.int().min(0);
