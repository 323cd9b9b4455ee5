import type { Policy } from '../rights';

type Statement = Policy['Statement'][number];

/** A policy that is wider than it was by one thing. */
export interface Fault {
  readonly name: string;
  /** Services whose actions it is about. */
  readonly services: readonly string[];
  readonly policy: Policy;
}

const list = (value: unknown): readonly string[] => (value === undefined ? [] : [value].flat().map(String));
const serviceOf = (action: string) => action.split(':')[0] ?? '';

/** Each statement on every resource, with all actions of its services, and without each of its conditions; no denial. */
export function widened(policy: Policy): readonly Fault[] {
  return policy.Statement.flatMap((statement, index) => {
    const services = [...new Set(list(statement.Action).map(serviceOf))];
    const about = `${index + 1} (${list(statement.Action).slice(0, 2).join(', ') || 'all but some'})`;
    const fault = (name: string, ...instead: readonly Statement[]): Fault => ({
      name: `${name}: statement ${about}`,
      services,
      policy: { ...policy, Statement: policy.Statement.flatMap((one, at) => (at === index ? instead : [one])) },
    });
    if (statement.Effect === 'Deny') return [fault('no denial')];
    return [
      ...(list(statement.Resource).includes('*') ? [] : [fault('any resource', { ...statement, Resource: '*' })]),
      ...services.map((service) => fault('any action', { ...statement, Action: `${service}:*` })),
      ...withoutEach(statement).map(([key, less]) => fault(`not ${key}`, less)),
    ];
  });
}

/** Trust of anybody, of one more service, and without each condition. */
export function trusting(policy: Policy): readonly Fault[] {
  return policy.Statement.flatMap((statement, index) => {
    const fault = (name: string, instead: Statement): Fault => ({
      name,
      services: ['sts'],
      policy: { ...policy, Statement: policy.Statement.map((one, at) => (at === index ? instead : one)) },
    });
    const more = {
      ...(statement.Principal as object),
      Service: [...serviceIn(statement), 'lambda.amazonaws.com', 'ec2.amazonaws.com'],
    };
    return [
      fault('anybody', { ...statement, Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }),
      fault('other services', { ...statement, Principal: more, Action: 'sts:AssumeRole' }),
      ...withoutEach(statement).map(([key, less]) => fault(`not ${key}`, less)),
    ];
  });
}

function serviceIn({ Principal }: Statement): readonly string[] {
  return list((Principal as { readonly Service?: unknown }).Service);
}

/** A statement without each key of its conditions. */
function withoutEach(statement: Statement): readonly (readonly [string, Statement])[] {
  const conditions = Object.entries((statement.Condition ?? {}) as Readonly<Record<string, object>>);
  return conditions.flatMap(([operator, keys]) =>
    Object.keys(keys).map((key) => {
      const left = conditions.flatMap(([name, inner]) => {
        const rest = Object.entries(inner).filter(([one]) => name !== operator || one !== key);
        return rest.length === 0 ? [] : [[name, Object.fromEntries(rest)] as const];
      });
      return [`${operator} ${key}`, { ...statement, Condition: Object.fromEntries(left) }] as const;
    }),
  );
}
