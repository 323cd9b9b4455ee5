import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { compile } from '../../../lib/compile';
import type { StackJson } from '../../../lib/terraform/stack-json';
import { addAzureSites } from '../../../stacks/azure';
import { addGoogleSites } from '../../../stacks/google';
import { RUNNER } from '../../azure/contoso';
import * as azure from '../../azure/site/fixture';
import * as google from '../../google/site/fixture';
import { synthStack } from '../../terraform/synth-stack';
import { AZURE_EFFECTS } from './redeploy/azure-effects';
import { callsOf } from './redeploy/call';
import { changesBy } from './redeploy/effect';
import type { Change } from './redeploy/effect';
import { GOOGLE_EFFECTS } from './redeploy/google-effects';
import { newer } from './redeploy/newer';
import { plansAfter } from './redeploy/plans';

/**
 * A deployment while a site is active: Terraform itself applies each site to a cloud that is none, workflows change there
 * what they change, and Terraform plans again. What they change is read from the workflows of the template.
 */
jest.setTimeout(240_000);

/** Without the programs of `npm run policy:install` and no terraform on the PATH this fails, and says so. */
const SPECS = ['worldwide', 'hypnoscript'].flatMap((name) =>
  sitesOf(name).map(({ site, make }) => [`${site} of specs/${name}`, make] as const),
);
const VARIANTS = [
  ['a site on Azure with a name and a set that grows', () => azure.hot().stack.template],
  ['a replica of Azure', () => azure.replica().stack.template],
  ['a site on Google with a name and a group that grows', () => google.hot().stack.template],
  ['a replica of Cloud SQL', () => google.replica().stack.template],
  ['a cold site of machines on Google', () => google.coldMachines().stack.template],
] as const;

function sitesOf(name: string): readonly { readonly site: string; readonly make: () => StackJson }[] {
  const folder = path.join(__dirname, '../../../specs', name);
  const files = readdirSync(folder).map((file) => ({
    name: file,
    text: readFileSync(path.join(folder, file), 'utf8'),
  }));
  const { plan } = compile(files, { environment: {}, unset: 'warning', today: '2026-11-24' });
  if (!plan) throw new Error(`specs/${name} has no plan`);
  const sites = plan.sites.filter(({ cloud }) => cloud !== 'aws');
  return sites.map((site) => {
    const add = site.cloud === 'azure' ? addAzureSites : addGoogleSites;
    const one = { ...plan, sites: [site] };
    return {
      site: site.name,
      make: () => synthStack(site.stack, (app) => add(app, { plan: one, runner: RUNNER })).template,
    };
  });
}

const LEAVES = /deactivat/;

function changesOf(stack: StackJson): Readonly<Record<'asleep' | 'active' | 'left', readonly Change[]>> {
  const calls = callsOf(stack);
  const of = (chosen: (workflow: string) => boolean) =>
    changesBy(
      [...AZURE_EFFECTS, ...GOOGLE_EFFECTS],
      calls.filter(({ workflow }) => chosen(workflow)),
      stack,
    );
  const isActivation = (workflow: string) => /[.]activation/.test(workflow) && !LEAVES.test(workflow);
  const asleep = of((workflow) => !/[.]activation/.test(workflow));
  const active = [...asleep, ...of(isActivation)];
  return { asleep, active, left: [...active, ...of((workflow) => LEAVES.test(workflow))] };
}

test.each([...SPECS, ...VARIANTS])('%s: an apply changes nothing back', (_, make) => {
  const stack = make();
  const { asleep, active, left } = changesOf(stack);
  const others = left.flatMap(({ other, ...one }) => (other === 'same' ? [] : [{ ...one, value: other ?? one.value }]));
  const expected = [...new Set(others.map(({ address, path: at }) => `${address}: ${at}`))].sort();
  const next = newer(stack, [...new Set(others.map(({ address }) => address))]);
  const [fresh, restored, during, after, drifted, upgraded, unguarded] = plansAfter(stack, [
    { changes: [] },
    { changes: asleep },
    { changes: active },
    { changes: left },
    { changes: others },
    { changes: others, deployed: next.deployed },
    { changes: others, ignoresNothing: true },
  ]);
  const nothing = { code: 0, planned: [] };
  expect({ fresh, restored, during, after, drifted }).toEqual({
    fresh: nothing,
    restored: nothing,
    during: nothing,
    after: nothing,
    drifted: nothing,
  });
  // A newer template brings what it says otherwise, and takes nothing back.
  expect([...(upgraded?.planned ?? [])].sort()).toEqual([...next.expected].sort());
  // The same changes, and nothing that lets them be: each of them would be taken back, and nothing else.
  expect(expected.length).toBeGreaterThan(2);
  expect({ code: unguarded?.code, planned: [...(unguarded?.planned ?? [])].sort() }).toEqual({
    code: 2,
    planned: expected,
  });
});

test('a call of which nobody said what it changes is no quiet one', () => {
  const stack = google.warm().stack.template;
  const [call] = callsOf(stack);
  if (!call) throw new Error('no call');
  expect(() => changesBy(GOOGLE_EFFECTS, [{ ...call, url: `${call.url}/more` }], stack)).toThrow('nobody says');
});
