import type { Resource, StackJson } from '../../../../lib/terraform/stack-json';
import { resourcesOf, valueAt } from '../../../../lib/terraform/stack-json';

/** Something that a workflow of a site asks of its cloud and that is no question. */
export interface Call {
  /** Address of the workflow in the template. */
  readonly workflow: string;
  readonly method: string;
  /** As the workflow calls it; what only a run knows is in braces. */
  readonly url: string;
  readonly body: unknown;
  /** All that the workflow says, where a call takes a value from elsewhere. */
  readonly text: string;
}

/** Every such call of every workflow of a stack, whichever cloud it is for. */
export function callsOf(stack: StackJson): readonly Call[] {
  return [...googleCalls(stack), ...azureCalls(stack)].filter(({ method }) => method !== 'GET');
}

function googleCalls(stack: StackJson): Call[] {
  return resourcesOf(stack, 'google_workflows_workflow').flatMap(({ address, body }) => {
    const text = String(body.source_contents).replaceAll('$${', '${');
    const names = (body.user_env_vars ?? {}) as Readonly<Record<string, string>>;
    return objectsIn(JSON.parse(text)).flatMap(({ call, args }): Call[] => {
      if (typeof call !== 'string' || !call.includes('.') || /^sys[.](log|sleep)$/.test(call)) return [];
      const { method, url, body: asked } = args as Readonly<Record<string, unknown>>;
      const verb = call === 'http.request' ? String(method) : call.replace('http.', '').toUpperCase();
      return [{ workflow: address, method: verb, url: joined(String(url), names), body: asked, text }];
    });
  });
}

/** `${"https://a/" + sys.get_env("B") + c}`: its words, what variables of the workflow hold, and `{c}`. */
function joined(expression: string, names: Readonly<Record<string, string>>): string {
  const parts = expression.replace(/^\$\{([^]*)\}$/, '$1').split(' + ');
  return parts.map((part) => word(part, names)).join('');
}

function word(part: string, names: Readonly<Record<string, string>>): string {
  const [, variable] = /^sys[.]get_env[(]"(\w+)"[)]$/.exec(part) ?? [];
  if (variable !== undefined) return names[variable] ?? `{${variable}}`;
  return part.startsWith('"') ? (JSON.parse(part) as string) : `{${part}}`;
}

function azureCalls(stack: StackJson): Call[] {
  return resourcesOf(stack, 'azurerm_logic_app_action_custom').flatMap(({ body }) => {
    const workflow = /[$][{](.*)[.]id[}]/.exec(String(body.logic_app_id))?.[1] ?? '';
    const text = String(body.body);
    return objectsIn(JSON.parse(text)).flatMap(({ type, inputs }): Call[] => {
      const asked = inputs as Readonly<Record<string, unknown>> | undefined;
      if (type === 'ApiConnection' || type === 'Workflow') throw new Error(`${workflow} calls by ${type}`);
      if (type !== 'Http') return [];
      return [{ workflow, method: String(asked?.method), url: String(asked?.uri), body: asked?.body, text }];
    });
  });
}

/** All objects in a value, at whatever depth. */
export function objectsIn(value: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value as Readonly<Record<string, unknown>>, ...inner];
}

/** What a workflow of Google hands to one of its parts, at each call of it in the order in which they are written. */
export function argumentsOf(text: string, part: string): readonly Readonly<Record<string, unknown>>[] {
  return objectsIn(JSON.parse(text)).flatMap(({ call, args }) =>
    call === part ? [args as Readonly<Record<string, unknown>>] : [],
  );
}

/** Resources of this type of which a value names another resource: what belongs to it. */
export function belongingTo(stack: StackJson, type: string, key: string, address: string): readonly Resource[] {
  return resourcesOf(stack, type).filter(({ body }) => String(valueAt(body, key)).includes(`${address}.`));
}
