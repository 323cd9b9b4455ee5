import { complain, outOfOrder, type Complaint, type OwnRule } from '../rule';
import {
  blocksAt,
  literalsAt,
  numberAt,
  resourcesOf,
  valueAt,
  type JsonObject,
  type Resource,
  type StackJson,
} from '../stack-json';

const CLASSES = ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'];
const SECONDS_A_DAY = 86_400;

function eachBucket(
  stack: StackJson,
  check: (rules: readonly JsonObject[], bucket: Resource) => readonly Complaint[],
): Complaint[] {
  return resourcesOf(stack, 'google_storage_bucket').flatMap((bucket) =>
    check(blocksAt(bucket.body, 'lifecycle_rule'), bucket),
  );
}

const actionOf = (rule: JsonObject) => String(valueAt(rule, 'action.type'));
const classOf = (rule: JsonObject) => String(valueAt(rule, 'action.storage_class'));
const ageOf = (rule: JsonObject) => numberAt(rule, 'condition.age');
const prefixOf = (rule: JsonObject) => literalsAt(rule, 'condition.matches_prefix').join();

/** https://cloud.google.com/storage/docs/lifecycle */
export const googleLifecycleRules: readonly OwnRule[] = [
  {
    id: 'google-lifecycle-action',
    refusedBy: 'service',
    check: (stack) =>
      eachBucket(stack, (rules, bucket) => [
        ...(rules.length > 100 ? [complain(bucket, `has ${rules.length} lifecycle rules, 100 are allowed`)] : []),
        ...rules
          .filter((rule) => !/^(?:Delete|SetStorageClass|AbortIncompleteMultipartUpload)$/.test(actionOf(rule)))
          .map((rule) => complain(bucket, `lifecycle action "${actionOf(rule)}" does not exist`)),
        ...rules
          .filter((rule) => actionOf(rule) === 'SetStorageClass' && !CLASSES.includes(classOf(rule)))
          .map((rule) => complain(bucket, `lifecycle moves to the class "${classOf(rule)}", which does not exist`)),
      ]),
  },
  {
    id: 'google-lifecycle-condition',
    refusedBy: 'service',
    check: (stack) =>
      eachBucket(stack, (rules, bucket) => [
        ...rules
          .filter((rule) => (ageOf(rule) ?? -1) < 0)
          .map((rule) => complain(bucket, `lifecycle action ${actionOf(rule)} has no age of 0 days or more`)),
        // A live-only rule leaves the bytes of every overwritten or deleted version where they are, for good.
        ...rules
          .filter((rule) => actionOf(rule) !== 'AbortIncompleteMultipartUpload')
          .filter((rule) => valueAt(rule, 'condition.with_state') !== 'ANY')
          .map((rule) => complain(bucket, `lifecycle action ${actionOf(rule)} does not hold for every version`)),
      ]),
  },
  {
    id: 'google-lifecycle-order',
    refusedBy: 'nobody',
    check: (stack) =>
      eachBucket(stack, (rules, bucket) =>
        [...new Set(rules.map(prefixOf))].flatMap((prefix) => {
          const own = rules.filter((rule) => prefixOf(rule) === prefix);
          const moves = CLASSES.map((name) => [name, ageOf(own.find((rule) => classOf(rule) === name) ?? {})] as const);
          const deleted = ageOf(own.find((rule) => actionOf(rule) === 'Delete') ?? {});
          return outOfOrder([...moves, ['delete', deleted]]).map((pair) =>
            complain(bucket, `lifecycle under "${prefix}" has ${pair}`),
          );
        }),
      ),
  },
  {
    id: 'google-autoclass',
    refusedBy: 'service',
    check: (stack) =>
      eachBucket(stack, (rules, bucket) =>
        valueAt(bucket.body, 'autoclass.enabled') === true && rules.some((rule) => actionOf(rule) === 'SetStorageClass')
          ? [complain(bucket, 'has autoclass beside rules that set a class')]
          : [],
      ),
  },
  {
    // The service waits for the retention policy, so that an object lives longer than the rule says.
    id: 'google-delete-before-lock-ends',
    refusedBy: 'nobody',
    check: (stack) =>
      eachBucket(stack, (rules, bucket) => {
        const locked = (numberAt(bucket.body, 'retention_policy.retention_period') ?? 0) / SECONDS_A_DAY;
        return rules
          .filter((rule) => actionOf(rule) === 'Delete' && (ageOf(rule) ?? locked) < locked)
          .map((rule) => complain(bucket, `lifecycle deletes after ${ageOf(rule)} days, locked are ${locked}`));
      }),
  },
];
