import { compileText, findings } from '../support';
import { site, sitesSpec } from './support';

const BY_ITSELF = 'automated: true trigger_conditions: ["primary_site_unreachable"] estimated_time: "30m"';
const BY_HAND = 'automated: false estimated_time: "30m"';

function compiled(provider: 'aws' | 'azure' | 'google', activation: string, rto: string, named = true) {
  const dns = named ? 'dns: { zone: "example.com" record: "app.example.com" }' : '';
  const deployment = `${dns} primary_site: { address: "on.example.com" health_urls: ["https://on.example.com/health"] }`;
  const text = sitesSpec(site('s', { provider, activation, synchronization: 'lag_threshold: "30s"' }), deployment);
  return compileText(
    text.replace('disaster_recovery {', `disaster_recovery { objectives: { rto: { critical_systems: "${rto}" } }`),
  );
}

test.each([
  ['aws', 180],
  ['azure', 60],
  ['google', 60],
] as const)('on %s a name has moved after %d seconds, and these count against the objective', (provider, seconds) => {
  const minutes = seconds / 60;
  const moves = compiled(provider, BY_HAND, '4h').plan?.sites[0]?.activation.dns?.moveSeconds;
  expect(moves).toBe(seconds);
  const seen = (activation: string, rto: number, named = true) =>
    findings(compiled(provider, activation, `${rto}m`, named), 'DR3096');
  const told = ['DR3096 disaster_recovery.dr_sites.s.activation.estimated_time'];
  expect(seen(BY_HAND, 30 + minutes)).toEqual([]);
  expect(seen(BY_HAND, 29 + minutes)).toEqual(told);
  // A person has five minutes to stop what begins by itself.
  expect(seen(BY_ITSELF, 35 + minutes)).toEqual([]);
  expect(seen(BY_ITSELF, 34 + minutes)).toEqual(told);
  expect(seen(BY_HAND, 1, false)).toEqual([]);
});

test('what is told has each part of the sum', () => {
  const [finding] = compiled('aws', BY_ITSELF, '30m').diagnostics.filter(({ code }) => code === 'DR3096');
  expect(finding?.message).toBe(
    'clients reach "s" after up to 38m: 5m in which a person may stop it, its estimated_time of 30m, 3m until its name has moved; rto.critical_systems is 30m',
  );
});
