import { resourcesOf } from '../../../../lib/terraform/stack-json';
import { argumentsOf, belongingTo, objectsIn } from './call';
import type { Call } from './call';
import { nothing } from './effect';
import type { Change, Effect } from './effect';

/** A name in a URL that is a resource of the template. */
const REF = String.raw`[$][{](\w+[.]\w+)[.]name[}]`;
const compute = (rest: string) => new RegExp(`^https://compute[.]googleapis[.]com/compute/v1/projects/[^/]+/${rest}$`);
const sql = (rest = '') =>
  new RegExp(`^https://sqladmin[.]googleapis[.]com/v1/projects/[^/]+/instances/${REF}${rest}$`);

interface Settings {
  readonly activationPolicy?: string;
  readonly availabilityType?: string;
  readonly backupConfiguration?: Readonly<Record<string, unknown>>;
}

/** What each call changes of what Terraform's provider reads: https://registry.terraform.io/providers/hashicorp/google/latest/docs */
export const GOOGLE_EFFECTS: readonly Effect[] = [
  {
    method: 'POST',
    url: compute(`regions/[^/]+/instanceGroupManagers/${REF}/resize[?]size=(\\d+)`),
    changes: ([address = '', size]) => [{ address, path: 'target_size', value: Number(size), other: 97 }],
  },
  {
    method: 'PATCH',
    url: compute(`regions/[^/]+/autoscalers[?]autoscaler=${REF}`),
    changes: ([address = ''], { body }) => {
      const { mode } = (body as { readonly autoscalingPolicy: { readonly mode: string } }).autoscalingPolicy;
      return [{ address, path: 'autoscaling_policy[0].mode', value: mode, other: 'ONLY_SCALE_OUT' }];
    },
  },
  { method: 'POST', url: compute(`regions/[^/]+/backendServices/${REF}/getHealth`), changes: nothing },
  {
    method: 'POST',
    url: compute(`zones/[^/]+/instances/${REF}/(start|stop)`),
    changes: ([address = '', does]) => {
      const value = does === 'start' ? 'RUNNING' : 'TERMINATED';
      return [{ address, path: 'desired_status', value, other: 'SUSPENDED' }];
    },
  },
  {
    method: 'POST',
    url: compute(`zones/[^/]+/instances/${REF}/setMetadata`),
    changes: ([address = ''], { text }) => {
      const entries = objectsIn(JSON.parse(text)).flatMap(({ entry }) => (entry === undefined ? [] : [entry]));
      const keys = new Set(known(entries.map((entry) => (entry as { readonly key: string }).key)));
      return [...keys].map((key) => ({ address, path: `metadata["${key}"]`, value: 'promote 1' }));
    },
  },
  { method: 'PATCH', url: sql(), changes: ([address = ''], call) => patched(address, call) },
  {
    method: 'POST',
    url: sql('/promoteReplica'),
    changes: ([address = '']) => [
      { address, path: 'master_instance_name', value: null },
      { address, path: 'instance_type', value: 'CLOUD_SQL_INSTANCE' },
    ],
  },
  {
    method: 'PUT',
    url: sql('/users[?]name=[^/]+'),
    changes: ([address = ''], _call, stack) =>
      belongingTo(stack, 'google_sql_user', 'instance', address).map(({ address: user }) => ({
        address: user,
        path: 'password',
        value: 'another',
      })),
  },
  {
    method: 'DELETE',
    url: sql('/databases/[^/]+'),
    changes: ([address = ''], _call, stack) =>
      belongingTo(stack, 'google_sql_database', 'instance', address).map(({ address: database }) => ({
        address: database,
        path: 'name',
        value: 'removed',
      })),
  },
  {
    method: 'PATCH',
    url: /^https:\/\/dns[.]googleapis[.]com\/dns\/v1\/projects\/[^/]+\/managedZones\/.+\/rrsets\/([^/]+)\/(\w+)$/,
    changes: ([name, type], { body }, stack) => {
      const { ttl, rrdatas } = body as { readonly ttl: number; readonly rrdatas: readonly string[] };
      const records = resourcesOf(stack, 'google_dns_record_set').filter(
        (one) => one.body.name === name && one.body.type === type,
      );
      return records.flatMap(({ address }) => [
        { address, path: 'rrdatas', value: rrdatas, other: ['elsewhere.example.com.', 'and.example.com.'] },
        { address, path: 'ttl', value: ttl, other: 'same' },
      ]);
    },
  },
  {
    method: 'POST',
    url: /^https:\/\/storage[.]googleapis[.]com\/upload\/storage\/v1\/b\/[$][{](\w+[.]\w+)[.]name[}]\/o[?].+$/,
    changes: ([bucket = ''], { text }, stack) => {
      const names = known(argumentsOf(text, 'write_object').map(({ name }) => String(name)));
      return belongingTo(stack, 'google_storage_bucket_object', 'bucket', bucket)
        .filter(({ body }) => names.some((name) => mayBe(name, String(body.name))))
        .flatMap(({ address }) => [
          { address, path: 'content', value: 'revoked 2 1795600000\n' },
          { address, path: 'detect_md5hash', value: 'md5 of what is there' },
          { address, path: 'content_type', value: 'text/plain; charset=utf-8' },
        ]);
    },
  },
  { method: 'POST', url: /^[{]api[}][{]place[}]\/jobs\/[{]job[}]:run$/, changes: nothing },
  { method: 'POST', url: /^https:\/\/workflowexecutions[.]googleapis[.]com\/v1\/.+\/executions$/, changes: nothing },
];

/** What a workflow hands over; a call whose values are not found is no quiet one. */
function known<T>(values: readonly T[]): readonly T[] {
  if (values.length === 0) throw new Error('nobody knows what is handed over');
  return values;
}

/** Whether an expression of a workflow may be this name: one that is computed begins with words. */
function mayBe(expression: string, name: string): boolean {
  if (!expression.startsWith('${')) return expression === name;
  const [, start] = /^\$\{"([^"]+)"/.exec(expression) ?? [];
  if (start === undefined) throw new Error(`nobody knows which object this is: ${expression}`);
  return name.startsWith(start);
}

function patched(address: string, { body, text }: Call): readonly Change[] {
  const { settings } = body as { readonly settings: Settings };
  const { activationPolicy, availabilityType, backupConfiguration, ...others } = settings;
  if (Object.keys(others).length > 0) throw new Error(`nobody says what these change: ${Object.keys(others).join()}`);
  // The value is a parameter of a part of the workflow.
  const policies = () => known(argumentsOf(text, 'policy').map(({ policy }) => policy));
  return [
    ...(activationPolicy === undefined
      ? []
      : policies().map((value) => ({ address, path: 'settings[0].activation_policy', value, other: 'ON_DEMAND' }))),
    ...(availabilityType === undefined
      ? []
      : [{ address, path: 'settings[0].availability_type', value: availabilityType }]),
    ...(backupConfiguration === undefined
      ? []
      : [
          {
            address,
            path: 'settings[0].backup_configuration',
            value: [{ enabled: true, start_time: backupConfiguration.startTime }],
          },
        ]),
  ];
}
