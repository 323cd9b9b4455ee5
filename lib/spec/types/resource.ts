import { pattern } from '../leaf';

/** A resource that exists already, as its cloud names it. */
export const resourceName = pattern({
  name: 'resource',
  text: 'the id or name of a resource of the cloud',
  pattern: /^[A-Za-z0-9/_.:-]{1,300}$/,
  examples: ['vpc-0123456789abcdef0', 'subnet-0123456789abcdef0'],
  rejects: 'not an id',
});
