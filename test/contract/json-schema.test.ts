import { renderPlanSchema, renderTaskSchema } from '../../lib/contract/json-schema';
import { SEED, compileFiles } from '../support/spec-text';
import { schemaErrors } from '../support/json';

const { plan } = compileFiles([SEED]);
const json: unknown = JSON.parse(JSON.stringify(plan));

describe('the published schema of a plan', () => {
  const errorsIn = schemaErrors(renderPlanSchema());

  test('takes the plan of the documentation’s spec', () => {
    expect(plan?.tasks.length).toBeGreaterThan(0);
    expect(errorsIn(json)).toEqual([]);
  });

  test('refuses a key more, a key less, and another version', () => {
    expect(errorsIn({ ...(json as object), more: 1 })).toEqual([': must NOT have additional properties']);
    expect(errorsIn({ ...(json as object), tasks: undefined })).toEqual([": must have required property 'tasks'"]);
    expect(errorsIn({ ...(json as object), version: 2 })).toEqual(['/version: must be equal to constant']);
  });
});

describe('the published schema of a task manifest', () => {
  const errorsIn = schemaErrors(renderTaskSchema());
  const tasks = (json as { tasks: readonly { name: string }[] }).tasks;

  test.each(tasks.map((one) => [one.name, one] as const))('takes %s', (_name, task) => {
    expect(errorsIn(task)).toEqual([]);
  });

  test('refuses a task without a name', () => {
    expect(errorsIn({ ...tasks[0], name: undefined })).toEqual([": must have required property 'name'"]);
  });
});
