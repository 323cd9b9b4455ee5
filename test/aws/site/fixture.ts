import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import type { Site } from '../../../lib/contract';
import { createApp } from '../../../lib/aws/app';
import { uploadsOf } from '../../../lib/cli/uploads';
import { addAwsSites } from '../../../stacks/aws';
import { need, planned } from '../../plan/support';
import { compileSites, site } from '../../plan/site/support';
import type { SiteParts } from '../../plan/site/support';

const uploads = uploadsOf(path.resolve(__dirname, '../../..'));

export interface BuiltSite {
  readonly site: Site;
  readonly template: Template;
}

/** The template of one site on AWS, with what else a deployment says. */
export function builtSite(parts: SiteParts, deployment?: string, rest?: string): BuiltSite {
  const plan = planned(compileSites(site('there', { ...parts, provider: 'aws' }), deployment, rest));
  const [stack] = addAwsSites(createApp(), { plan, uploads });
  return { site: need(plan.sites[0], 'site'), template: Template.fromStack(need(stack, 'stack')) };
}

/** Resources by their logical ids. */
export function ofType(template: Template, type: string): readonly Readonly<Record<string, unknown>>[] {
  return Object.values(template.findResources(type)).map(({ Properties }) => Properties as Record<string, unknown>);
}
