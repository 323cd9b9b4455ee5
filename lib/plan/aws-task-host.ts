import type { AwsHost, TaskManifest } from '../contract';
import { childPath } from '../diagnostics';
import { isOnWindows } from './host';

/** A node of Systems Manager by its id: an EC2 instance, or a machine of anywhere that was activated. */
const NODE = /^m?i-[0-9a-f]{8,17}$/;

/**
 * Where Run Command finds the host of a task. `hosts:key=value` is a tag, whose key may have colons; `hosts:i-...` and
 * `hosts:mi-...` are nodes; any other machine is the one with that `Name`.
 * @returns `null` for a container; `not started` for a host with Windows, for which there is no document yet
 */
export function awsHostOf(task: TaskManifest): AwsHost | null | 'not started' {
  if (task.host === 'container') return null;
  if (isOnWindows(task)) return 'not started';
  return {
    id: `aws.${task.id}.host`,
    from: [childPath(childPath('deployment.tasks', task.name), 'host')],
    target: targetOf(task.host.replace(/^hosts:/, '')),
    local: task.local !== null,
    bounded: task.local?.maxBytes !== undefined,
  };
}

function targetOf(where: string): AwsHost['target'] {
  const [, key, value] = /^([^=]+)=(.+)$/.exec(where) ?? [];
  if (key !== undefined && value !== undefined) return { kind: 'tag', key, value };
  return NODE.test(where) ? { kind: 'node', node: where } : { kind: 'tag', key: 'Name', value: where };
}
