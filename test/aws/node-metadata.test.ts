import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { answerFor, stackAnswersFor } from '../../lib/aws/node-metadata';
import { PLANS } from './fixture';
import { emptyStack, resources, templatesOf } from './support';

test('ids are sorted and stand once in the metadata of the resource', () => {
  const stack = emptyStack();
  answerFor(new Key(stack, 'key'), ['b', 'a', 'b']);
  stackAnswersFor(stack, ['stack']);
  const template = Template.fromStack(stack);
  expect(resources(template).map(({ Metadata }) => Metadata)).toEqual([{ hypdr: { nodes: ['a', 'b'] } }]);
  expect(template.toJSON()['Metadata']).toEqual({ hypdr: { nodes: ['stack'] } });
});

test('a construct without a resource can not answer', () => {
  expect(() => answerFor(new Construct(emptyStack(), 'group'), ['a'])).toThrow(/'test\/group' has no resource/);
});

test('every node of a plan is answered for in the template of its stack', () => {
  const templates = templatesOf(PLANS);
  for (const plan of PLANS) {
    const json = templates.get(plan.name)?.toJSON() ?? {};
    const answered = [json, ...Object.values(json['Resources'] as object)].flatMap(
      ({ Metadata }: { Metadata?: { hypdr?: { nodes: string[] } } }) => Metadata?.hypdr?.nodes ?? [],
    );
    const ids = [
      plan.id,
      plan.logs.id,
      // a key that no bucket of the stack uses has nothing to say
      ...plan.keys.filter((key) => plan.buckets.some(({ keyId }) => keyId === key.id)).map((key) => key.id),
      ...plan.buckets.flatMap((bucket) => [
        bucket.id,
        ...bucket.lifecycle.map(({ id }) => id),
        ...(bucket.replication?.rules ?? []).map(({ id }) => id),
      ]),
    ];
    expect([...new Set(answered)].sort()).toEqual([...new Set(ids)].sort());
  }
});
