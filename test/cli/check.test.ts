import { BROKEN, SMALL, THREE, folder, seedFolder } from './support';

/** `hypdr check`: findings are data, the exit code says how bad they are. */
const check = (text: string, ...argv: string[]) => folder({ 'a.hyp': text }).hypdr(['check', 'a.hyp', ...argv]);

describe('exit codes', () => {
  test.each([
    ['fine, with warnings', SMALL, [], 0],
    ['an error', BROKEN, [], 4],
    ['an error, whatever --fail-on says', BROKEN, ['--fail-on', 'none'], 4],
    ['warnings at --fail-on warning', SMALL, ['--fail-on', 'warning'], 5],
    ['warnings at --fail-on error', SMALL, ['--fail-on', 'error'], 0],
    ['notes at --fail-on note', SMALL, ['--fail-on', 'note'], 5],
  ])('%s', async (_, text, argv, expected) => {
    expect((await check(text, ...argv)).exit).toBe(expected);
  });

  test('an acknowledged finding does not fail, until its day', async () => {
    const text = `${SMALL} deployment { acknowledge: [{ code: "DR3040" path: "*" reason: "known" until: "2026-03-31" }] }`;
    expect((await check(text, '--fail-on', 'warning')).exit).toBe(0);
    expect((await check(text, '--fail-on', 'warning', '--today', '2026-04-01')).exit).toBe(5);
  });

  test('--strict-env makes variables that are not set errors', async () => {
    const text = THREE.replace('location: "EU"', 'location: "EU"  encryption: { kms_key: env.KEY }');
    expect((await check(text)).exit).toBe(0);
    expect((await check(text, '--strict-env')).exit).toBe(4);
    const key = 'projects/acme-backup/locations/europe/keyRings/r/cryptoKeys/k';
    const set = await folder({ 'a.hyp': text }).hypdr(['check', '--strict-env', 'a.hyp'], {
      environment: { KEY: key },
    });
    expect(set.exit).toBe(0);
  });
});

describe('text', () => {
  test('shows place, line and underline, worst first, nothing on stderr', async () => {
    const { out, err } = await check(BROKEN);
    expect(err).toBe('');
    expect(out).toContain('a.hyp:9:38');
    expect(out).toMatch(/storage: \{ s3: \{ bucket: "Acme_Own".*\n +~~~~~~~~~~\n/);
    expect(out).toMatch(/1 error, 0 warnings, 0 notes|1 error\b/);
  });

  test('has colour only where the machine wants it', async () => {
    const escape = String.fromCharCode(27);
    const one = folder({ 'a.hyp': SMALL });
    expect((await one.hypdr(['check', 'a.hyp'], { colour: 'plain' })).out).not.toContain(escape);
    expect((await one.hypdr(['check', 'a.hyp'], { colour: 'colour' })).out).toContain(escape);
  });
});

describe('--format json', () => {
  interface Finding {
    readonly severity: string;
  }

  test('is an object of findings and a summary, with these keys only', async () => {
    const { out } = await check(SMALL, '--format', 'json');
    const { findings, summary, ...others } = JSON.parse(out) as {
      findings: Finding[];
      summary: Record<string, number>;
    };
    expect(others).toEqual({});
    expect(Object.keys(summary).sort()).toEqual(['acknowledged', 'error', 'note', 'warning']);
    for (const one of findings) {
      expect(Object.keys(one)).toEqual(['code', 'severity', 'path', 'file', 'line', 'column', 'message', 'fix']);
    }
  });

  test('counts what it lists, worst first', async () => {
    const { out, exit } = await seedFolder().hypdr(['check', '--format', 'json']);
    const { findings, summary } = JSON.parse(out) as { findings: Finding[]; summary: Record<string, number> };
    expect(exit).toBe(0);
    const severities = findings.map((one) => one.severity);
    for (const severity of ['error', 'warning', 'note']) {
      expect(summary[severity]).toBe(severities.filter((one) => one === severity).length);
    }
    const order = ['error', 'warning', 'note'];
    expect(severities).toEqual([...severities].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
    expect(summary).toMatchObject({ error: 0 });
  });

  test('gives the place of a finding', async () => {
    const { out } = await check(BROKEN, '--format', 'json');
    expect((JSON.parse(out) as { findings: unknown[] }).findings).toEqual([
      {
        code: 'DR2002',
        severity: 'error',
        path: 'backup.database.orders.storage.s3.bucket',
        file: 'a.hyp',
        line: 9,
        column: 38,
        message: expect.stringContaining('"Acme_Own"') as string,
        fix: expect.any(String) as string,
      },
    ]);
  });

  test('names the reason of what was acknowledged', async () => {
    const text = `${SMALL} deployment { acknowledge: [{ code: "DR3040" path: "*" reason: "known" }] }`;
    const { out } = await check(text, '--format', 'json');
    const { findings, summary } = JSON.parse(out) as { findings: unknown[]; summary: unknown };
    expect(findings).toContainEqual(expect.objectContaining({ code: 'DR3040', acknowledged: 'known' }));
    expect(summary).toMatchObject({ acknowledged: 1 });
  });
});

test('--format sarif is SARIF 2.1.0 with the rules of what it found', async () => {
  const { out } = await check(BROKEN, '--format', 'sarif');
  const sarif = JSON.parse(out) as {
    version: string;
    runs: { tool: { driver: { rules: { id: string }[]; version: string } }; results: unknown[] }[];
  };
  expect(sarif.version).toBe('2.1.0');
  expect(sarif.runs[0]?.tool.driver.version).toBe('9.9.9');
  expect(sarif.runs[0]?.tool.driver.rules.map((rule) => rule.id)).toContain('DR2002');
  expect(sarif.runs[0]?.results).toEqual([
    expect.objectContaining({
      ruleId: 'DR2002',
      level: 'error',
      locations: [
        expect.objectContaining({
          physicalLocation: expect.objectContaining({
            artifactLocation: expect.objectContaining({ uri: 'a.hyp' }) as unknown,
            region: expect.objectContaining({ startLine: 9, startColumn: 38 }) as unknown,
          }) as unknown,
        }),
      ],
    }),
  ]);
});
