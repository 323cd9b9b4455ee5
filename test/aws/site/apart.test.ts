import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { createApp } from '../../../lib/aws/app';
import { uploadsOf } from '../../../lib/cli/uploads';
import { addAwsSites } from '../../../stacks/aws';
import { need, planned } from '../../plan/support';
import { compileKeptIn, compileSites, site } from '../../plan/site/support';
import { textOf } from './sdk-call';
import { resourcesOf } from './template-resources';
import type { TemplateJson } from './template-resources';

/**
 * Two deployments in one account and region, each with a site of the same name: nothing in the one may find, start,
 * promote or stop a machine of the other, nor take its numbers for its own.
 */

const NAME = 'there';
const uploads = uploadsOf(path.resolve(__dirname, '../../..'));
const PRIMARY = 'database { orders: { primary: { host: "db.example.com" } } }';
const NAMES =
  'dns: { zone: "example.com" record: "app.example.com" provider: "AWS" } primary_site: { address: "origin.example.com" health_urls: ["https://a.example.com/"] }';
const WATCHED =
  'automated: true trigger_conditions: ["primary_site_unreachable", "database_unreachable"] estimated_time: "30m"';

const KINDS = {
  'one that follows': (deployment: string) =>
    compileSites(
      site(NAME, { multiAz: true, synchronization: 'lag_threshold: "5m"', activation: WATCHED }),
      `${deployment} ${NAMES}`,
      PRIMARY,
    ),
  'one that is restored': (deployment: string) =>
    compileSites(site(NAME, { method: 'backup_restore', count: 0 }), deployment),
  'one that backs itself up': (deployment: string) =>
    compileKeptIn('aws', site(NAME), `${PRIMARY} deployment { ${deployment} }`),
} as const;

interface Found {
  /** What the machines of the site carry. */
  readonly tags: readonly string[];
  /** What workflows look for, and what rights are narrowed to. */
  readonly lookups: readonly string[];
  /** Under what numbers are said, by workflows and machines. */
  readonly said: readonly string[];
  /** Under what alarms look for them. */
  readonly heard: readonly string[];
}

function found(kind: keyof typeof KINDS, deployment: string): Found {
  const plan = planned(KINDS[kind](deployment));
  expect(need(plan.sites[0], 'site').name).toBe(NAME);
  const app = createApp();
  const stacks = addAwsSites(app, { plan, uploads });
  const templates = stacks.map((stack) => Template.fromStack(stack).toJSON() as TemplateJson);
  const resources = templates.flatMap(resourcesOf);
  const values = objectsIn([
    ...resources.map(({ properties }) => properties),
    ...resources
      .filter(({ type }) => type === 'AWS::StepFunctions::StateMachine')
      .map(({ properties }) => JSON.parse(textOf(properties.DefinitionString)) as unknown),
  ]);
  const scripts = scriptsOf(app);
  return {
    tags: values.flatMap(({ Key, Value }) => (Key === 'hypnoscript:site' ? [String(Value)] : [])),
    lookups: values.flatMap(({ Name, Values, StringEquals }) => [
      ...(Name === 'tag:hypnoscript:site' ? (Values as string[]) : []),
      ...Object.entries(StringEquals ?? {}).flatMap(([key, value]) =>
        key.endsWith('Tag/hypnoscript:site') ? [String(value)] : [],
      ),
    ]),
    said: [
      ...values.flatMap(({ MetricName, Dimensions, Value }) =>
        MetricName !== undefined && Value !== undefined ? dimensionsOf(Dimensions) : [],
      ),
      ...scripts.flatMap((text) => [...text.matchAll(/^metric_site='(.*)'$/gm)].map(([, value = '']) => value)),
    ],
    heard: resources
      .filter(
        ({ type, properties }) => type === 'AWS::CloudWatch::Alarm' && properties.Namespace === 'HypnoScript/Site',
      )
      .flatMap(({ properties }) => dimensionsOf(properties.Dimensions)),
  };
}

function dimensionsOf(dimensions: unknown): readonly string[] {
  return (dimensions as readonly { readonly Value: string }[]).map(({ Value }) => Value);
}

/** What machines are set up by. */
function scriptsOf(app: App): readonly string[] {
  return app.node
    .findAll()
    .filter((one): one is Asset => one instanceof Asset && one.assetPath.endsWith('.sh'))
    .map(({ assetPath }) => readFileSync(path.resolve(app.outdir, assetPath), 'utf8'));
}

function objectsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value as Readonly<Record<string, unknown>>, ...inner];
}

const PAIRS = [
  ['of two companies', 'name: "acme"', 'name: "umbrella"'],
  ['of two environments', 'name: "acme" environment: "prod"', 'name: "acme" environment: "test"'],
] as const;

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('%s', (kind) => {
  test.each(PAIRS)('%s: what one looks for, the other has not', (_, first, second) => {
    const [one, other] = [found(kind, first), found(kind, second)];
    for (const [own, strange] of [
      [one, other],
      [other, one],
    ] as const) {
      const [tag, ...tags] = own.tags;
      // The group of the application and each database machine carry it.
      expect(tags.length).toBeGreaterThan(0);
      expect(new Set([tag, ...tags, ...own.lookups])).toEqual(new Set([tag]));
      expect(own.lookups.length).toBeGreaterThan(3);
      expect(strange.tags).not.toContain(tag);
      expect(new Set([...own.said, ...own.heard])).toEqual(new Set([tag]));
      expect(own.said.length).toBeGreaterThan(0);
      expect([...strange.said, ...strange.heard]).not.toContain(tag);
    }
  });
});
