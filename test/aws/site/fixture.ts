import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import type { Site } from '../../../lib/contract';
import { createApp } from '../../../lib/aws/app';
import { siteStackNames } from '../../../lib/aws/site/names';
import { uploadsOf } from '../../../lib/cli/uploads';
import { addAwsSites } from '../../../stacks/aws';
import { need, planned } from '../../plan/support';
import { compileSites, site } from '../../plan/site/support';
import type { SiteParts } from '../../plan/site/support';

const uploads = uploadsOf(path.resolve(__dirname, '../../..'));

export interface BuiltSite {
  readonly site: Site;
  readonly template: Template;
  readonly region: string;
}

/** The stacks of one site on AWS, with what else a deployment says: the site's own first. */
export function builtStacks(parts: SiteParts, deployment?: string, rest?: string): readonly BuiltSite[] {
  const plan = planned(compileSites(site('there', { ...parts, provider: 'aws' }), deployment, rest));
  const built = need(plan.sites[0], 'site');
  const stacks = addAwsSites(createApp(), { plan, uploads });
  expect(stacks.map(({ stackName }) => stackName)).toEqual(siteStackNames(built));
  return stacks.map((stack) => ({ site: built, template: Template.fromStack(stack), region: stack.region }));
}

export function builtSite(parts: SiteParts, deployment?: string, rest?: string): BuiltSite {
  return need(builtStacks(parts, deployment, rest)[0], 'stack');
}

/** What the resources of a type say. */
export function ofType(template: Template, type: string): readonly Readonly<Record<string, unknown>>[] {
  return Object.values(template.findResources(type)).map(({ Properties }) => Properties as Record<string, unknown>);
}

/** The workflows of a template, as Step Functions reads them. */
export function workflowsOf(template: Template): readonly unknown[] {
  return ofType(template, 'AWS::StepFunctions::StateMachine').map(({ DefinitionString }) => {
    const parts = (DefinitionString as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
    return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'arn:aws:x')).join('')) as unknown;
  });
}
