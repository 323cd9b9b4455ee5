import { EngineName } from '../../../lib/contract/task';
import { CODES } from '../../../lib/diagnostics/codes';
import { expectedSeconds } from '../../../lib/plan/slots/duration';

/** How long a run is expected to take, as the page of DR3055 says. */

test.each(EngineName.options)('a run of %s counts as half an hour, one of logs as five minutes', (engine) => {
  expect(CODES.DR3055.explain).toContain('without them a run counts as half an hour, one of logs as five minutes');
  expect(expectedSeconds(engine, 'full', undefined)).toBe(1800);
  expect(expectedSeconds(engine, 'incremental', undefined)).toBe(1800);
  expect(expectedSeconds(engine, 'log', undefined)).toBe(300);
});

test('what the spec says counts instead, and no run of logs for longer than five minutes', () => {
  expect(expectedSeconds('postgresql', 'full', 7200)).toBe(7200);
  expect(expectedSeconds('mysql', 'log', 7200)).toBe(300);
  expect(expectedSeconds('mysql', 'log', 60)).toBe(60);
});
