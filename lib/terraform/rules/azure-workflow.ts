import { complain, mustMatch, textAt, type OwnRule } from '../rule';
import { asObject, resourcesOf, valueAt, type JsonObject, type JsonValue, type StackJson } from '../stack-json';

const actionsOf = (stack: StackJson) => resourcesOf(stack, 'azurerm_logic_app_action_custom');
const TRIGGERS = ['azurerm_logic_app_trigger_recurrence', 'azurerm_logic_app_trigger_custom'];

/** Logic Apps. https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-schema */
export const azureWorkflowRules: readonly OwnRule[] = [
  {
    id: 'azure-workflow-name',
    refusedBy: 'service',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_logic_app_workflow').flatMap((workflow) =>
        mustMatch(workflow, 'name', /^[A-Za-z0-9_.()-]{1,43}$/, 'has to be 1 to 43 letters, digits and -_.()'),
      ),
  },
  {
    id: 'azure-workflow-action',
    refusedBy: 'service',
    check: (stack) =>
      actionsOf(stack)
        .filter(({ body }) => typeof (readJson(textAt(body, 'body')) as { type?: unknown } | null)?.type !== 'string')
        .map((action) => complain(action, 'its body is no action in JSON')),
  },
  {
    // Scripts of machines lie in actions, and bash writes its variables as Terraform its references.
    id: 'azure-workflow-template',
    refusedBy: 'provider',
    check: (stack) =>
      actionsOf(stack).flatMap((action) => {
        const others =
          textAt(action.body, 'body').match(/(?<![$%])(?:\$\{(?!(?:[a-z][\w-]*\.)+\w+\})|%\{)[^}]*\}?/g) ?? [];
        return others.map((one) => complain(action, `Terraform would take ${one} for its own`));
      }),
  },
  {
    // Also within conditions, loops and scopes: names are those of the whole workflow, in whatever case.
    id: 'azure-workflow-names',
    refusedBy: 'service',
    check: (stack) => {
      const known = new Map<string, Set<string>>();
      const namesOf = (body: JsonObject): Set<string> => {
        const workflow = textAt(body, 'logic_app_id');
        const names = known.get(workflow) ?? new Set();
        known.set(workflow, names);
        return names;
      };
      for (const { body } of TRIGGERS.flatMap((type) => resourcesOf(stack, type))) {
        namesOf(body).add(textAt(body, 'name').toLowerCase());
      }
      return actionsOf(stack).flatMap((action) => {
        const names = namesOf(action.body);
        return namesIn(textAt(action.body, 'name'), asJsonObject(readJson(textAt(action.body, 'body')))).flatMap(
          (name) => {
            const isNew = !names.has(name.toLowerCase());
            names.add(name.toLowerCase());
            return [
              ...(isNew ? [] : [complain(action, `its workflow has the name ${name} more than once`)]),
              ...(/^[^<>%&\\?/]{1,80}$/.test(name) ? [] : [complain(action, `${name} is no name of an action`)]),
            ];
          },
        );
      });
    },
  },
];

/** The name of an action and those of all that is in it. */
function namesIn(name: string, action: JsonObject | undefined): readonly string[] {
  if (action === undefined) return [name];
  const cases = Object.keys(asObject(action.cases) ?? {}).map((key) => `cases.${key}.actions`);
  const within = ['actions', 'else.actions', 'default.actions', ...cases].flatMap((path) =>
    Object.entries(asObject(valueAt(action, path)) ?? {}),
  );
  return [name, ...within.flatMap(([inner, one]) => namesIn(inner, asObject(one)))];
}

function asJsonObject(value: unknown): JsonObject | undefined {
  return asObject(value as JsonValue);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
