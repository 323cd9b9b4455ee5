import { assign, choose } from '../workflow-steps';
import type { SubWorkflow } from '../workflow-steps';

/** Variables of a site's workflows: names of what they work on, of which none is a secret. */
export const ENV = {
  bucket: 'STATE_BUCKET',
  server: 'SQL_INSTANCE',
  secret: 'PASSWORD_SECRET',
  target: 'RESTORE_TARGET',
  job: 'RESTORE_JOB',
  restores: 'RESTORE_WORKFLOW',
  group: 'MACHINE_GROUP',
  autoscaler: 'AUTOSCALER',
  machine: 'DATABASE_MACHINE',
  backend: 'BACKEND_SERVICE',
  zone: 'DNS_ZONE',
  lag: 'LAG_FILTER',
  tests: 'TEST_FILTER',
  activates: 'ACTIVATION_WORKFLOW',
} as const;

export const AUTH = { type: 'OAuth2' } as const;

/** An expression that is a variable of the workflow. */
export function env(name: keyof typeof ENV): string {
  return `sys.get_env("${ENV[name]}")`;
}

export const PROJECT = 'sys.get_env("GOOGLE_CLOUD_PROJECT_ID")';
export const PLACE = 'sys.get_env("GOOGLE_CLOUD_LOCATION")';

/** A question that is asked again where the answer was lost; what changes nothing a second time is asked so too. */
export function ask(method: string, url: string, result: string, body?: unknown): Readonly<Record<string, unknown>> {
  return {
    try: {
      call: 'http.request',
      args: { method, url: `\${${url}}`, auth: AUTH, ...(body !== undefined && { body }) },
      result,
    },
    retry: '${http.default_retry}',
  };
}

/** Where an object of the bucket is read and written. https://cloud.google.com/storage/docs/json_api/v1/objects */
export function objectUrl(expression: string): string {
  return `"https://storage.googleapis.com/storage/v1/b/" + ${env('bucket')} + "/o/" + text.url_encode(${expression})`;
}

export function uploadUrl(expression: string): string {
  return `"https://storage.googleapis.com/upload/storage/v1/b/" + ${env('bucket')} + "/o?uploadType=media&name=" + text.url_encode(${expression})`;
}

export const SQL = `"https://sqladmin.googleapis.com/v1/projects/" + ${PROJECT} + "/instances/" + ${env('server')}`;
export const COMPUTE = `"https://compute.googleapis.com/compute/v1/projects/" + ${PROJECT}`;

/** What the lease says: the word, and the whole line. An answer that is no lease is none, and ends the run. */
export function readLease(object: string): SubWorkflow {
  return {
    params: [],
    steps: [
      { read: ask('GET', `${objectUrl(JSON.stringify(object))} + "?alt=media"`, 'answer') },
      { known: choose([['text.match_regex(answer.body, "^(granted|revoked) [0-9]+ [0-9]+")', 'split']], 'unknown') },
      { split: assign({ words: '${text.split(answer.body, " ")}' }) },
      { give: { return: { word: '${words[0]}', term: '${int(words[1])}' } } },
      { unknown: { raise: 'the lease says nothing that is one: nobody knows who may write' } },
    ],
  };
}
