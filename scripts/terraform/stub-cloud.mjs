/**
 * What a provider answers to `plan` and `apply`, with a cloud behind it that keeps what it is given. What somebody else
 * changes there is found by the next look, as at a real one.
 */
import { completed, filled, planned, read, written } from './values.mjs';

export class StubCloud {
  /** By id: what was changed past Terraform, as a function from the state to the state. */
  #changed = new Map();
  #made = 0;

  constructor(schema) {
    this.schema = schema;
  }

  /** From now on the resource of this id looks as `change` makes it; nobody changes anything where that is undefined. */
  change(id, change) {
    if (change) this.#changed.set(id, change);
    else this.#changed.delete(id);
  }

  /** The calls of the protocol, by name. */
  calls() {
    const resource = (type) => this.schema.resource_schemas[type].block;
    const answers = {
      UpgradeResourceState: ({ raw_state }) => ({ upgraded_state: { json: raw_state.json } }),
      ConfigureProvider: () => ({}),
      ReadResource: ({ type_name, current_state }) => {
        const state = read(current_state);
        const change = this.#changed.get(state.id);
        return { new_state: written(change ? completed(resource(type_name), change(state)) : state) };
      },
      PlanResourceChange: ({ type_name, proposed_new_state }) => ({
        planned_state: written(planned(resource(type_name), read(proposed_new_state))),
      }),
      ApplyResourceChange: ({ type_name, planned_state }) => ({
        new_state: written(filled(resource(type_name), read(planned_state), `made/${type_name}/${(this.#made += 1)}`)),
      }),
      ReadDataSource: ({ type_name, config }) => ({
        state: written(filled(this.schema.data_source_schemas[type_name].block, read(config), `found/${type_name}`)),
      }),
    };
    const call =
      (answer) =>
      ({ request }, reply) => {
        try {
          reply(null, { diagnostics: [], ...answer(request) });
        } catch (error) {
          reply(null, { diagnostics: [{ severity: 'ERROR', summary: 'the stub failed', detail: error.stack }] });
        }
      };
    return Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, call(answer)]));
  }
}
