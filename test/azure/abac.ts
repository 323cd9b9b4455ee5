/** A request to the blob service, in the words of conditions. */
export interface BlobRequest {
  /** The data action that the service asks for, such as `.../blobs/read`. */
  readonly action: string;
  /** `Blob.List`, `Blob.Write.Tier`. */
  readonly suboperation?: string;
  /** Name of the blob; a list has none. */
  readonly path?: string;
  /** What a list asks for. */
  readonly prefix?: string;
}

/**
 * Whether a condition of a role assignment holds for a request: the part of its language that our templates use.
 * https://learn.microsoft.com/azure/role-based-access-control/conditions-format
 */
export function holds(condition: string, request: BlobRequest): boolean {
  const tokens = [...condition.matchAll(TOKEN)].map(([token]) => token);
  if (bare(tokens.join('')) !== bare(condition)) throw new Error(`not understood: ${condition}`);
  const reader = { tokens, at: 0 };
  const value = anyOf(reader, request);
  if (reader.at !== tokens.length) throw new Error(`more than a condition: ${tokens.slice(reader.at).join(' ')}`);
  return value;
}

const bare = (text: string) => text.replace(/\s+/g, '');

const TOKEN =
  /AND|OR|NOT|!|\(|\)|ActionMatches\{'[^']*'\}|SubOperationMatches\{'[^']*'\}|@(?:Resource|Request)\[[^\]]+\]|ForAnyOfAnyValues:\w+|\{(?:'(?:\\.|[^'\\])*'(?:, )?)+\}/g;

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

function anyOf(reader: Reader, request: BlobRequest): boolean {
  let value = allOf(reader, request);
  while (take(reader, 'OR')) {
    const next = allOf(reader, request);
    value ||= next;
  }
  return value;
}

function allOf(reader: Reader, request: BlobRequest): boolean {
  let value = one(reader, request);
  while (take(reader, 'AND')) {
    const next = one(reader, request);
    value &&= next;
  }
  return value;
}

function one(reader: Reader, request: BlobRequest): boolean {
  if (take(reader, '!') || take(reader, 'NOT')) return !one(reader, request);
  if (take(reader, '(')) {
    const value = anyOf(reader, request);
    if (!take(reader, ')')) throw new Error('a bracket stays open');
    return value;
  }
  const token = reader.tokens[reader.at++] ?? '';
  const [, kind, name = ''] = /^(Action|SubOperation)Matches\{'(.*)'\}$/.exec(token) ?? [];
  if (kind === 'Action') return name === request.action;
  if (kind === 'SubOperation') return name === request.suboperation;
  return compare(token, reader.tokens[reader.at++] ?? '', reader.tokens[reader.at++] ?? '', request);
}

function compare(attribute: string, operator: string, list: string, request: BlobRequest): boolean {
  const value = attribute.endsWith(':path]') ? request.path : attribute.endsWith(':prefix]') ? request.prefix : null;
  if (value === null) throw new Error(`no attribute ${attribute}`);
  const values = [...list.matchAll(/'((?:\\.|[^'\\])*)'/g)].map(([, text = '']) => text);
  const test = OPERATORS[operator];
  if (!test || values.length === 0) throw new Error(`no comparison ${operator} ${list}`);
  // An attribute that a request does not have compares with nothing.
  return value !== undefined && values.some((text) => test(value, text));
}

const OPERATORS: Readonly<Record<string, (value: string, text: string) => boolean>> = {
  'ForAnyOfAnyValues:StringLike': (value, pattern) => likeToRegExp(pattern).test(value),
};

/** `*` is any text and `?` any sign, unless a backslash stands before them. */
function likeToRegExp(pattern: string): RegExp {
  const parts = [...pattern.matchAll(/\\(.)|([*?])|([^*?\\]+)/g)].map(([, escaped, wild, plain]) =>
    wild === '*' ? '.*' : wild === '?' ? '.' : (escaped ?? plain ?? '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return new RegExp(`^${parts.join('')}$`, 's');
}

function take(reader: Reader, token: string): boolean {
  if (reader.tokens[reader.at] !== token) return false;
  reader.at += 1;
  return true;
}
