import { Collector, paintFor, renderText, sortDiagnostics, toJson, toSarif } from '../../lib/diagnostics';
import type { Diagnostic, Finding } from '../../lib/diagnostics';
import { dedent, file } from '../support/spec-text';

const source = file('backup {\n  lifecycle: { moves: 90 deletes: 60 }\n}\n', 'my spec.hyp');
const from = source.text.indexOf('deletes');
const finding: Finding = {
  code: 'DR2010',
  path: 'backup.lifecycle.deletes',
  span: { file: source, start: from, end: from + 'deletes: 60'.length },
  message: 'deletes after 60 days, before it moves at 90',
  fix: 'make it more than 90',
  related: [{ span: { file: source, start: 9, end: 10 }, message: 'moves here' }],
};

function collected(...findings: readonly Finding[]): readonly Diagnostic[] {
  const collector = new Collector();
  findings.forEach(collector.report);
  return collector.diagnostics;
}

describe('text', () => {
  test('shows place, code, message, the line with the culprit underlined, other places, path and fix', () => {
    expect(renderText(collected(finding), paintFor('plain'))).toBe(
      `${dedent(`
      my spec.hyp:2:26 error DR2010 deletes after 60 days, before it moves at 90
            lifecycle: { moves: 90 deletes: 60 }
                                   ~~~~~~~~~~~
        my spec.hyp:2:1: moves here
        at backup.lifecycle.deletes
        fix: make it more than 90
      `)}\n\n1 error, 0 warnings, 0 notes\n`,
    );
  });

  test('is coloured where colour is asked for only', () => {
    expect(renderText(collected(finding), paintFor('colour'))).toContain('\u001b[31m');
    expect(renderText(collected(finding), paintFor('plain'))).not.toContain('\u001b');
  });

  test('of a finding without a place has no line', () => {
    const text = renderText(
      collected({ code: 'DR1012', message: 'nothing there', fix: 'write it' }),
      paintFor('plain'),
    );
    expect(text).toBe('error DR1012 nothing there\n  fix: write it\n\n1 error, 0 warnings, 0 notes\n');
  });

  test('counts what is acknowledged', () => {
    const accepted = collected(finding).map((one) => ({ ...one, severity: 'warning' as const, acknowledged: 'known' }));
    const text = renderText(accepted, paintFor('plain'));
    expect(text).toContain('  acknowledged: known\n');
    expect(text).toMatch(/0 errors, 1 warning, 0 notes; 1 of them acknowledged\n$/);
  });

  test('underlines no further than the line', () => {
    const whole = { ...finding, span: { file: source, start: 0, end: source.text.length } };
    expect(renderText(collected(whole), paintFor('plain'))).toContain('    backup {\n    ~~~~~~~~\n');
  });
});

test('JSON has a place, or zeros', () => {
  expect(toJson(collected(finding, { code: 'DR1013', message: 'skipped', fix: '' }))).toEqual({
    findings: [
      {
        code: 'DR2010',
        severity: 'error',
        path: 'backup.lifecycle.deletes',
        file: 'my spec.hyp',
        line: 2,
        column: 26,
        message: 'deletes after 60 days, before it moves at 90',
        fix: 'make it more than 90',
      },
      { code: 'DR1013', severity: 'note', path: '', file: '', line: 0, column: 0, message: 'skipped', fix: '' },
    ],
    summary: { error: 1, warning: 0, note: 1, acknowledged: 0 },
  });
});

test('SARIF names each rule once and encodes the file as a URI', () => {
  expect(toSarif(collected(finding, finding), '1.2.3')).toMatchObject({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'hypdr', version: '1.2.3', rules: [{ id: 'DR2010' }] } },
        results: [
          {
            ruleId: 'DR2010',
            level: 'error',
            message: { text: 'deletes after 60 days, before it moves at 90. Fix: make it more than 90' },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: 'my%20spec.hyp' },
                  region: { startLine: 2, startColumn: 26, endLine: 2, endColumn: 37 },
                },
                logicalLocations: [{ fullyQualifiedName: 'backup.lifecycle.deletes' }],
              },
            ],
            relatedLocations: [{ message: { text: 'moves here' } }],
          },
          {},
        ],
      },
    ],
  });
});

test('the order is worst first, then by place, whatever the order of reports', () => {
  const at = (start: number, code: Finding['code']): Finding => ({
    ...finding,
    code,
    span: { file: source, start, end: start + 1 },
  });
  const findings = [at(5, 'DR1013'), at(9, 'DR2010'), at(2, 'DR3044'), at(1, 'DR2010'), at(1, 'DR2002')];
  const order = (list: readonly Finding[]) =>
    sortDiagnostics(collected(...list)).map((one) => `${one.code} ${one.span?.start}`);
  const expected = ['DR2002 1', 'DR2010 1', 'DR2010 9', 'DR3044 2', 'DR1013 5'];
  expect(order(findings)).toEqual(expected);
  expect(order([...findings].reverse())).toEqual(expected);
});

test('a finding without a span gets the place of its path', () => {
  const span = { file: source, start: 3, end: 4 };
  const collector = new Collector((path) => (path === 'a.b' ? span : undefined));
  collector.report({ code: 'DR2010', path: 'a.b', message: 'm', fix: 'f' });
  expect(collector.diagnostics[0]?.span).toBe(span);
});
