import type { SiteActivation } from '../../contract/site';
import { assign, choose } from '../workflow-steps';
import type { Step, SubWorkflow } from '../workflow-steps';
import { ask, objectUrl, uploadUrl } from './steps';

/**
 * What a site says of itself. `announced`: it takes over once nobody has stopped it; `activating`; `active`; `leaving`:
 * it is on its way out; `failed`: somebody has to look; `aborted`: stopped by a person; `sleeping`, also where nothing was
 * ever said. Beside it stands since which second the database of the site is the one to write to, 0 while it is not: no
 * outcome says that, and a takeover that failed later on is no reason to send anybody back.
 */
export type SiteStatus = 'announced' | 'activating' | 'active' | 'leaving' | 'failed' | 'aborted' | 'sleeping';

export const MANUAL = 'manual_activation';
const STATE = 'records/state.json';
/** What the log calls a failure where the database of the site is the one to write to. */
export const STAYS = 'failed_promoted';

/**
 * One object and its generation, of which 0 is none: who writes says which one was read, and who comes second fails.
 * @see https://cloud.google.com/storage/docs/request-preconditions
 */
function readObject(): SubWorkflow {
  return {
    params: ['name'],
    steps: [
      { nothing: assign({ answer: null, generation: '0', body: null }) },
      {
        find: {
          ...ask('GET', objectUrl('name'), 'answer'),
          except: {
            as: 'error',
            steps: [
              { missing: choose([['error.code == 404', 'none']], 'other') },
              { other: { raise: '${error}' } },
              { none: assign({ answer: null }) },
            ],
          },
        },
      },
      { is_there: choose([['answer == null', 'give']], 'read') },
      { read: assign({ generation: '${answer.body.generation}' }) },
      { content: ask('GET', `${objectUrl('name')} + "?alt=media&generation=" + generation`, 'answer') },
      { take: assign({ body: '${answer.body}' }) },
      { give: { return: { generation: '${generation}', body: '${body}' } } },
    ],
  };
}

function writeObject(): SubWorkflow {
  return {
    params: ['name', 'generation', 'type', 'content'],
    steps: [
      {
        write: {
          call: 'http.request',
          args: {
            method: 'POST',
            url: `\${${uploadUrl('name')} + "&ifGenerationMatch=" + generation}`,
            auth: { type: 'OAuth2' },
            headers: { 'Content-Type': '${type}' },
            body: '${content}',
          },
          result: 'answer',
        },
      },
      { give: { return: '${answer.body.generation}' } },
    ],
  };
}

/** What the site says now, and since when it is not to be believed any more. */
function readState(): SubWorkflow {
  return {
    params: [],
    steps: [
      { read: { call: 'read_object', args: { name: STATE }, result: 'found' } },
      { any: choose([['found.body == null', 'none']], 'give') },
      { give: { return: { generation: '${found.generation}', body: '${found.body}' } } },
      { none: { return: { generation: '0', body: { status: 'sleeping', run: '', until: 0, promoted: 0 } } } },
    ],
  };
}

function writeState(): SubWorkflow {
  return {
    params: ['status', 'id', 'trigger', 'until', 'promoted', 'generation'],
    steps: [
      {
        write: {
          call: 'write_object',
          args: {
            name: STATE,
            generation: '${generation}',
            type: 'application/json',
            content: {
              status: '${status}',
              run: '${id}',
              trigger: '${trigger}',
              at: '${int(sys.now())}',
              until: '${int(until)}',
              promoted: '${int(promoted)}',
            },
          },
          result: 'written',
        },
      },
      { give: { return: '${written}' } },
    ],
  };
}

/** Says that the database was promoted. An answer that is lost is asked for, so that what comes after is not refused. */
export function remember(): SubWorkflow {
  return {
    params: ['id', 'trigger', 'until', 'promoted', 'generation'],
    steps: [
      { begin: assign({ written: '0', found: null }) },
      {
        write: {
          try: {
            call: 'say',
            args: {
              status: 'activating',
              id: '${id}',
              trigger: '${trigger}',
              until: '${until}',
              promoted: '${promoted}',
              generation: '${generation}',
            },
            result: 'written',
          },
          except: {
            as: 'error',
            steps: [
              { look: { call: 'state', result: 'found' } },
              { ours: choose([['found.body.run == id', 'know']], 'others') },
              { others: { raise: '${error}' } },
              { know: assign({ written: '${found.generation}' }) },
            ],
          },
        },
      },
      { give: { return: '${written}' } },
    ],
  };
}

/** The lease changes hands: only from what it was read as, and by one term. */
function writeLease(object: string): SubWorkflow {
  return {
    params: ['word'],
    steps: [
      { read: { call: 'read_object', args: { name: object }, result: 'found' } },
      { any: choose([['found.body == null', 'unknown']], 'form') },
      { form: choose([['text.match_regex(found.body, "^(granted|revoked) [0-9]+ [0-9]+")', 'split']], 'unknown') },
      { unknown: { raise: 'the lease says nothing that is one: nobody knows who may write' } },
      { split: assign({ words: '${text.split(found.body, " ")}' }) },
      { same: choose([['words[0] == word', 'kept']], 'write') },
      { kept: { return: '${int(words[1])}' } },
      {
        write: {
          call: 'write_object',
          args: {
            name: object,
            generation: '${found.generation}',
            type: 'text/plain',
            content: '${word + " " + string(int(words[1]) + 1) + " " + string(int(sys.now())) + "\\n"}',
          },
          result: 'ignored',
        },
      },
      { give: { return: '${int(words[1]) + 1}' } },
    ],
  };
}

/** For who only looks. */
export function stateReaders(): Readonly<Record<string, SubWorkflow>> {
  return { read_object: readObject(), state: readState() };
}

export function stateWorkflows(lease: string): Readonly<Record<string, SubWorkflow>> {
  return {
    ...stateReaders(),
    write_object: writeObject(),
    say: writeState(),
    change_lease: writeLease(lease),
  };
}

/** What was done, and how many seconds after the beginning; it is in the record whatever comes after. */
export function noted(step: string): Step {
  return {
    [`noted_${step}`]: assign({
      steps: `\${list.concat(steps, "${step} " + string(int(sys.now() - started)))}`,
    }),
  };
}

/** Variables of a run, and the word that lets through who wrote the name of the site. */
export function beginSteps(site: string, { estimatedSeconds, abortSeconds }: SiteActivation): readonly Step[] {
  return [
    {
      begin: assign({
        started: '${sys.now()}',
        id: '${sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")}',
        trigger: `\${default(map.get(run, "trigger"), "${MANUAL}")}`,
        window: `\${if(trigger == "${MANUAL}", 0, ${abortSeconds})}`,
        deadline: `\${started + window + ${estimatedSeconds}}`,
        steps: [],
        why: '',
        outcome: 'failed',
        generation: '0',
        answer: null,
        now: null,
        term: 0,
        promoted: 0,
        named: false,
        remembered: false,
      }),
    },
    {
      confirmed: choose([[`default(map.get(run, "confirm"), "") == ${JSON.stringify(site)}`, 'look']], 'not_confirmed'),
    },
    { not_confirmed: { raise: 'to confirm, say the name of the site: {"confirm": "NAME"}' } },
    { look: { call: 'state', result: 'now' } },
    { since: assign({ promoted: '${default(map.get(now.body, "promoted"), 0)}' }) },
  ];
}

export interface EndProps {
  readonly does: 'activation' | 'deactivation';
  readonly ends: SiteStatus;
  readonly estimatedSeconds: number;
}

/** The record, the state, one line of the log that alarms where it was no success or took too long, and a loud end. */
export function endSteps({ does, ends, estimatedSeconds }: EndProps): readonly Step[] {
  const guarded = (name: string, step: object): Step => ({
    [name]: {
      try: step,
      except: {
        as: 'error',
        steps: [{ [`${name}_why`]: assign({ outcome: 'failed', why: '${why + " " + json.encode_to_string(error)}' }) }],
      },
    },
  });
  return [
    { measure: assign({ seconds: '${int(sys.now() - started)}', late: '${sys.now() > deadline}' }) },
    guarded('record', {
      call: 'write_object',
      args: {
        name: `\${"records/" + string(int(started)) + "-${does}-" + id + ".json"}`,
        generation: '0',
        type: 'application/json',
        content: {
          trigger: '${trigger}',
          began: '${int(started)}',
          seconds: '${seconds}',
          estimatedSeconds,
          outcome: '${outcome}',
          late: '${late}',
          term: '${term}',
          promoted: '${int(promoted)}',
          steps: '${steps}',
          database: '${answer}',
          why: '${why}',
        },
      },
      result: 'ignored',
    }),
    // What a person stopped is not written over: it has to be seen as that.
    { stopped: choose([['outcome == "aborted"', 'tell']], 'word') },
    { word: assign({ status: `\${if(outcome == "success", "${ends}", "failed")}` }) },
    guarded('end_state', {
      call: 'say',
      args: {
        status: '${status}',
        id: '${id}',
        trigger: '${trigger}',
        until: '${deadline}',
        promoted: '${promoted}',
        generation: '${generation}',
      },
      result: 'ignored',
    }),
    {
      tell: {
        call: 'sys.log',
        args: {
          json: {
            event: `site_${does}`,
            message: `\${"${does}: " + outcome}`,
            outcome: `\${if(outcome == "success" and late, "late", if(outcome == "failed" and promoted > 0, "${STAYS}", outcome))}`,
            trigger: '${trigger}',
            seconds: '${seconds}',
            why: '${why}',
          },
          severity: '${if(outcome == "success" and not late, "NOTICE", "ERROR")}',
        },
      },
    },
    { judge: choose([['outcome == "success" and not late', 'give']], 'not_done') },
    { not_done: { raise: '${outcome + " after " + string(seconds) + " s: " + why}' } },
    { give: { return: { outcome: '${outcome}', seconds: '${seconds}', steps: '${steps}' } } },
  ];
}
