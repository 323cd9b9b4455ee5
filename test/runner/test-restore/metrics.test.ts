import {
  testRestoreToEmf,
  testRestoreToPrometheus,
  testRestoreToStructuredLog,
} from '../../../lib/runner/metrics/test-restore';
import { recordOf } from '../record/records';

const AT = new Date('2026-11-23T05:05:00Z');
const passed = recordOf({ rtoAchievedSeconds: 200.5, rpoAchievedSeconds: 3600 });

test("CloudWatch's format", () => {
  expect(JSON.parse(testRestoreToEmf(passed, AT))).toEqual({
    _aws: {
      Timestamp: AT.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: 'HypnoScript/Backup',
          Dimensions: [['Task']],
          Metrics: [
            { Name: 'TestRestoreSuccess', Unit: 'Count' },
            { Name: 'RtoAchievedSeconds', Unit: 'Seconds' },
            { Name: 'RpoAchievedSeconds', Unit: 'Seconds' },
          ],
        },
      ],
    },
    Task: 'test',
    TestRestoreSuccess: 1,
    RtoAchievedSeconds: 200.5,
    RpoAchievedSeconds: 3600,
  });
});

test('a log line, of a failure an error and without what was not achieved', () => {
  expect(JSON.parse(testRestoreToStructuredLog(recordOf({ result: 'failed' }), AT))).toEqual({
    severity: 'ERROR',
    time: '2026-11-23T05:05:00.000Z',
    message: 'test restore of test failed',
    event: 'test_restore_metrics',
    labels: { task: 'test' },
    metrics: { TestRestoreSuccess: 0 },
  });
});

test("Prometheus' text", () => {
  expect(
    testRestoreToPrometheus(passed, AT)
      .split('\n')
      .filter((line) => !line.startsWith('#')),
  ).toEqual([
    'hypnoscript_test_restore_success{task="test"} 1',
    'hypnoscript_rto_achieved_seconds{task="test"} 200.5',
    'hypnoscript_rpo_achieved_seconds{task="test"} 3600',
    `hypnoscript_test_restore_timestamp_seconds{task="test"} ${AT.getTime() / 1000}`,
    '',
  ]);
});
