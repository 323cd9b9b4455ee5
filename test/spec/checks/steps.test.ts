import { findingsOf } from '../../support/findings';

const scenario = (...numbers: readonly number[]) => `disaster_recovery { scenarios: { fire: {
  description: "fire" probability: "low" impact: "high"
  recovery_steps: [${numbers
    .map((step) => `{ step: ${step} action: "act" estimated_time: "1h" responsible: "someone" }`)
    .join(' ')}] } } }`;

describe('recovery steps', () => {
  test.each([[[1]], [[1, 2, 3]], [[1, 5, 10]]])('in their order: %j', (numbers) => {
    expect(findingsOf(scenario(...numbers), 'DR2034')).toEqual([]);
  });

  test.each([
    [[1, 1], 'recovery_steps[1].step: step 1 stands after step 1'],
    [[1, 3, 2], 'recovery_steps[2].step: step 2 stands after step 3'],
    [[2, 1], 'recovery_steps[1].step: step 1 stands after step 2'],
  ])('out of order: %j', (numbers, finding) => {
    expect(findingsOf(scenario(...numbers), 'DR2034')).toEqual([`DR2034 disaster_recovery.scenarios.fire.${finding}`]);
  });
});
