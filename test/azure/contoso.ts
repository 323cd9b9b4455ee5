import path from 'node:path';
import { readFileSync } from 'node:fs';
import { compile } from '../../lib/compile';
import { addAzureTaskStacks } from '../../stacks/azure';
import { planned } from '../plan/support';
import { synthStack } from '../terraform/synth-stack';
import type { SynthesizedStack } from '../terraform/synth-stack';

const name = 'specs/contoso/backup.hyp';
const text = readFileSync(path.resolve(__dirname, '../..', name), 'utf8');

/** A file that stands for the runner: what it says is of no interest here. */
export const RUNNER = { file: __filename, sha256: '0123456789abcdef'.repeat(4) };

/** The example on Azure alone, or another text. */
export function planFrom(spec = text) {
  return planned(
    compile([{ name, text: spec }], {
      environment: { ERP_BACKUP_USER: 'backup', ERP_BACKUP_PASSWORD: 'secret' },
      unset: 'warning',
      today: '2026-01-01',
    }),
  );
}

export const plan = planFrom();

function stack(one: string, from = plan): SynthesizedStack {
  return synthStack(one, (app) => addAzureTaskStacks(app, { plan: from, runner: RUNNER }));
}

export const shared = (from = plan) => stack(from.azureTasks.shared[0]?.name ?? '', from);
export const shard = (from = plan) => stack(from.azureTasks.shards[0]?.name ?? '', from);
