import { namesSecret, suggestion } from '../diagnostics';
import type { Value } from '../syntax';
import type { DecodeContext, LeafShape, Type } from './type';
import { foundText } from './found';

export type Plain = string | number | boolean;

/** A refusal with more to say than that the value is not of the type. */
export interface Refusal {
  readonly why: string;
  readonly fix?: string;
}

interface LeafOptions<T> extends Omit<LeafShape, 'kind'> {
  /** Values are secrets: a finding quotes neither them nor their line. @default - findings quote what they are about */
  readonly conceals?: true;
  /** @returns the typed value, or a refusal; `undefined` stands for "is not what the type's text says" */
  read(plain: Plain): T | Refusal | undefined;
  /**
   * Answers an env.NAME in another way than by reading the variable's value: keys have a default when the variable is
   * not set, secrets are never read. `undefined` for the usual way.
   */
  fromEnvironment?(name: string, value: string | undefined): { readonly value: T } | undefined;
}

export function isRefusal(answer: unknown): answer is Refusal {
  return typeof answer === 'object' && answer !== null && 'why' in answer;
}

/** A type of single values. */
export function leaf<T>(options: LeafOptions<T>): Type<T> {
  const { read, fromEnvironment, conceals, ...described } = options;
  const shape: LeafShape = { kind: 'leaf', ...described };

  const judge = (plain: Plain, value: Value, path: string, context: DecodeContext): T | undefined => {
    const answer = read(plain);
    if (answer !== undefined && !isRefusal(answer)) return answer;
    context.markBroken(path);
    if (conceals || (value.kind === 'env' && namesSecret(value.name))) {
      return reportConcealed(value, path, shape, context, isRefusal(answer) && conceals ? answer : undefined);
    }
    const why = isRefusal(answer) ? `: ${answer.why}` : '';
    context.report({
      code: 'DR2002',
      path,
      span: value.span,
      message: `found ${foundText(value, context.environment)}${why || `, which is not ${shape.text}`}`,
      fix: unquoted(plain) ?? (isRefusal(answer) ? answer.fix : undefined) ?? `write ${shape.text}`,
    });
    return undefined;
  };

  return {
    shape,
    decode(value, path, context) {
      if (value.kind === 'invalid') return broken(path, context);
      if (value.kind === 'env') {
        const text = context.environment[value.name] || undefined;
        const special = fromEnvironment?.(value.name, text);
        if (special) return special.value;
        if (text === undefined) return reportUnset(value.name, value, path, shape, context);
        return judge(fromText(text, read), value, path, context);
      }
      if (value.kind === 'list' || value.kind === 'object') return judge(NaN, value, path, context);
      return judge(value.value, value, path, context);
    },
  };
}

/** Quotes around env.NAME make text of it. */
function unquoted(plain: Plain): string | undefined {
  return typeof plain === 'string' && /^env\.[A-Za-z_]\w*$/.test(plain) ? `write ${plain} without quotes` : undefined;
}

/** An environment variable holds text; a number or a switch is taken as such where text is not allowed. */
function fromText(text: string, read: (plain: Plain) => unknown): Plain {
  const candidates: Plain[] = [text];
  if (/^-?\d+(\.\d+)?$/.test(text)) candidates.push(Number(text));
  if (text === 'true' || text === 'false') candidates.push(text === 'true');
  const taken = candidates.find((one) => {
    const answer = read(one);
    return answer !== undefined && !isRefusal(answer);
  });
  return taken ?? text;
}

function broken(path: string, context: DecodeContext): undefined {
  context.markBroken(path);
  return undefined;
}

/** Says what is wrong without what stands there; only the words of a type that knows it holds secrets are used. */
function reportConcealed(
  value: Value,
  path: string,
  shape: LeafShape,
  context: DecodeContext,
  refusal: Refusal | undefined,
): undefined {
  const what = value.kind === 'env' ? `env.${value.name}, whose value` : 'something that';
  context.report({
    code: 'DR2002',
    path,
    span: value.span,
    message: refusal ? `found ${refusal.why}` : `found ${what} is not ${shape.text}`,
    fix: refusal?.fix ?? `write ${shape.text}`,
    ...(value.kind !== 'env' && { concealed: true as const }),
  });
  return undefined;
}

function reportUnset(name: string, value: Value, path: string, shape: LeafShape, context: DecodeContext): undefined {
  context.markBroken(path);
  context.report({
    code: 'DR2004',
    path,
    span: value.span,
    message: `env.${name} is not set`,
    fix: `set ${name} to ${shape.text}`,
  });
  return undefined;
}

/** One of a few words. */
export function choice<const Word extends string>(name: string, words: readonly Word[]): Type<Word> {
  const quoted = words.map((word) => `"${word}"`);
  return leaf<Word>({
    name,
    text: words.length === 1 ? String(quoted[0]) : `one of ${quoted.join(', ')}`,
    examples: quoted,
    rejects: '"no_such_word"',
    json: { enum: words },
    read: (plain) => {
      const word = words.find((one) => one === plain);
      if (word !== undefined) return word;
      return typeof plain === 'string'
        ? { why: `not one of ${quoted.join(', ')}`, fix: suggestion(plain, words) }
        : undefined;
    },
  });
}

/** Text of a pattern. */
export function pattern(options: {
  readonly name: string;
  readonly text: string;
  readonly pattern: RegExp;
  readonly examples: readonly string[];
  readonly rejects: string;
}): Type<string> {
  return leaf({
    name: options.name,
    text: options.text,
    examples: options.examples.map((one) => JSON.stringify(one)),
    rejects: JSON.stringify(options.rejects),
    json: { type: 'string', pattern: options.pattern.source },
    read: (plain) => (typeof plain === 'string' && options.pattern.test(plain) ? plain : undefined),
  });
}

/** A whole number within bounds. */
export function integer(name: string, text: string, least: number, most: number): Type<number> {
  return leaf({
    name,
    text: `${text} from ${least} to ${most}`,
    examples: [String(least), String(least + 1)],
    rejects: String(most + 1),
    json: { type: 'integer', minimum: least, maximum: most },
    read: (plain) =>
      typeof plain === 'number' && Number.isInteger(plain) && plain >= least && plain <= most ? plain : undefined,
  });
}
