import type { ProtectionPlan } from '../plan';
import { hostTimers, startsByTimers } from '../plan/host-timers';
import { renderTimerInstaller } from '../hosts/timers';
import { distinctKebab } from '../units';

/**
 * Installers for hosts that take backups by timers of their own, by the names of their folders in `hosts`; `runner.js` lies
 * beside those folders.
 */
export function hostFiles(plan: ProtectionPlan, runnerSha256: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    plan.tasks.filter(startsByTimers).map((task) => {
      const word = distinctKebab(task.name);
      return [word, renderTimerInstaller({ word, task, timers: hostTimers(task), runnerSha256 })];
    }),
  );
}

/** Tasks that wait for somebody to bring their installer to their host. */
export function hostsText({ tasks }: ProtectionPlan, folder: string): string {
  const lines = tasks
    .filter(startsByTimers)
    .map(({ name, host }) => `  ${name}, on ${host}: sudo bash ${folder}/${distinctKebab(name)}/install.sh\n`);
  if (lines.length === 0) return '';
  return `what takes its backups by timers of its own host, once the folder ${folder} was copied there:\n${lines.join('')}`;
}
