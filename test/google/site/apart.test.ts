import { compileText, GOOGLE_STORE, planned, spec } from '../../plan/support';
import { compileKeptIn, site } from '../../plan/site/support';
import { resources } from '../../terraform/synth-stack';
import { made } from './fixture';
import type { Made } from './fixture';

/** Two deployments in one project, each with a site of the same name: neither is told of what machines of the other say. */

const NAME = 'there';

const KINDS = {
  BackupFailed: (rest: string) =>
    compileKeptIn(
      'google',
      site(NAME, { provider: 'google' }),
      `database { orders: { primary: { host: "db.example.com" } } } ${rest}`,
    ),
  RestoreFailed: (rest: string) => {
    const restored = { provider: 'google', method: 'backup_restore', count: 0, engine: 'mariadb' } as const;
    return compileText(
      spec({
        database:
          'shop: { type: "mariadb-dump" storage: { gcs: { bucket: "acme-shop" location: "europe-west2" path: "shop/" } } }',
        cloud: GOOGLE_STORE,
        rest: `disaster_recovery { dr_sites: { ${site(NAME, { ...restored, databaseClass: 'n2-standard-4' })} } } ${rest}`,
      }),
    );
  },
} as const;

/** Texts that a log has to show, of the alarms that ask the lines of machines. */
function asked({ stack }: Made): readonly (readonly string[])[] {
  return resources(stack, 'google_monitoring_alert_policy').flatMap((policy) => {
    const [condition] = policy.conditions as readonly { condition_matched_log?: { filter: string } }[];
    const filter = condition?.condition_matched_log?.filter ?? '';
    const words = [...filter.matchAll(/textPayload:("(?:[^"\\]|\\.)*")/g)].map(
      ([, word = '']) => JSON.parse(word) as string,
    );
    return words.length === 0 ? [] : [words];
  });
}

/** Who machines say that they are, in each line. */
function said({ stack }: Made): readonly string[] {
  return resources(stack, 'google_compute_instance').flatMap(({ metadata }) =>
    [...JSON.stringify(metadata).matchAll(/metric_site='([^']*)'/g)].map(([, name = '']) => name),
  );
}

const line = (site: string, word: string) => `{"hypdr":"site","site":"${site}","${word}":1}`;

test.each(['BackupFailed', 'RestoreFailed'] as const)('of %s, only by its own machines', (word) => {
  const [one, other] = ['acme', 'umbrella'].map((name) =>
    made(NAME, planned(KINDS[word](`deployment { name: "${name}" }`))),
  ) as [Made, Made];
  expect(one.site.name).toBe(other.site.name);
  for (const [own, strange] of [
    [one, other],
    [other, one],
  ] as const) {
    expect(new Set(said(own))).toEqual(new Set([own.site.prefix]));
    const hears = (who: string) => asked(own).filter((words) => words.every((text) => line(who, word).includes(text)));
    expect(said(own).map((who) => hears(who).length)).toEqual(said(own).map(() => 1));
    expect(said(strange).flatMap(hears)).toEqual([]);
  }
});
