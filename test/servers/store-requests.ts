import type { SeenRequest } from './fault';

/** The requests of each store's upload, for the rules of a fault proxy. */
type Match = (request: SeenRequest) => boolean;

export const S3 = {
  create: ({ method, query }: SeenRequest) => method === 'POST' && query.has('uploads'),
  part: ({ method, query }: SeenRequest) => method === 'PUT' && query.has('partNumber'),
  complete: ({ method, query }: SeenRequest) => method === 'POST' && query.has('uploadId'),
  abort: ({ method, query }: SeenRequest) => method === 'DELETE' && query.has('uploadId'),
  put: ({ method, query, path }: SeenRequest) =>
    method === 'PUT' && !query.has('partNumber') && path.split('/').length > 2 && path.split('/')[2] !== '',
  list: ({ method, query }: SeenRequest) => method === 'GET' && query.has('list-type'),
} satisfies Record<string, Match>;

export const AZURE = {
  block: ({ method, query }: SeenRequest) => method === 'PUT' && query.get('comp') === 'block',
  commit: ({ method, query }: SeenRequest) => method === 'PUT' && query.get('comp') === 'blocklist',
  put: ({ method, headers }: SeenRequest) => method === 'PUT' && headers['x-ms-blob-type'] === 'BlockBlob',
  list: ({ method, query }: SeenRequest) => method === 'GET' && query.get('comp') === 'list',
} satisfies Record<string, Match>;

export const GCS = {
  start: ({ method, query }: SeenRequest) => method === 'POST' && query.get('uploadType') === 'resumable',
  chunk: ({ method, query }: SeenRequest) => method === 'PUT' && query.has('upload_id'),
  put: ({ method, query }: SeenRequest) => method === 'POST' && query.get('uploadType') === 'multipart',
  list: ({ method, path }: SeenRequest) => method === 'GET' && /\/b\/[^/]+\/o\/?$/.test(path),
} satisfies Record<string, Match>;

/** Only requests whose path ends so: manifests, say. */
export const named =
  (ending: string, match: Match): Match =>
  (request) =>
    request.path.endsWith(ending) && match(request);
