import { findingsOf, isFatal } from '../../lib/aws/validation-report';

const finding = { source: 's', rule: 'r', message: 'm', fix: undefined, construct: 'c', location: 'l' };

describe('isFatal', () => {
  test.each([
    ['error', 'E1234', true],
    ['fatal', 'F1234', true],
    ['warning', 'W1234', false],
    ['warning', 'W3030', true],
  ])('%s %s: %s', (severity, rule, fatal) => {
    expect(isFatal({ ...finding, severity, rule })).toBe(fatal);
  });
});

describe('findingsOf', () => {
  const violation = {
    ruleName: 'W3030',
    description: 'not allowed',
    severity: 'warning',
    violatingConstructs: [
      { constructPath: 'stack/a', cloudFormationResource: { logicalId: 'A', propertyPaths: ['Properties/Mode'] } },
      { cloudFormationResource: { logicalId: 'B' } },
    ],
  };

  test('makes one finding of each place', () => {
    const report = { pluginReports: [{ pluginName: 'p', violations: [violation] }] };
    expect(findingsOf(report).map(({ construct, location }) => [construct, location])).toEqual([
      ['stack/a', 'Properties/Mode'],
      ['B', ''],
    ]);
  });

  test('takes a finding without severity as an error', () => {
    const { severity: _, ...unrated } = violation;
    const [first] = findingsOf({ pluginReports: [{ pluginName: 'p', violations: [unrated] }] });
    expect(first?.severity).toBe('error');
  });

  test('refuses a report of another form', () => {
    expect(() => findingsOf({ plugins: [] })).toThrow();
  });
});
