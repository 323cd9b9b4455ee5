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

/** Must be nowhere. */
export const PASSWORD = 'a password of this test';

/** The example on Azure alone, or another text. */
export function planFrom(spec = text) {
  return planned(
    compile([{ name, text: spec }], {
      environment: { ERP_BACKUP_USER: 'backup', ERP_BACKUP_PASSWORD: PASSWORD },
      unset: 'warning',
      today: '2026-01-01',
    }),
  );
}

export const plan = planFrom();

/** The same where all that the ledger is restored from is archived before the next full. */
export const coldPlan = planFrom(
  text
    .replace('path: "ledger/{year}/{month}/"', '$&  lifecycle: { tier_to_archive: 7 }')
    .replace('tier_to_cool: 30', 'tier_to_archive: 20'),
);

/** Synthesized once for each plan: a stack is the same however often it is looked at. */
const known = new Map<unknown, Map<string, SynthesizedStack>>();

function stack(one: string, from = plan): SynthesizedStack {
  const stacks = known.get(from) ?? new Map<string, SynthesizedStack>();
  known.set(from, stacks);
  const made = stacks.get(one) ?? synthStack(one, (app) => addAzureTaskStacks(app, { plan: from, runner: RUNNER }));
  stacks.set(one, made);
  return made;
}

export const shared = (from = plan) => stack(from.azureTasks.shared[0]?.name ?? '', from);
export const shard = (from = plan) => stack(from.azureTasks.shards[0]?.name ?? '', from);
