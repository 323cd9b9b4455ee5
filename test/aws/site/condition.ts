/** The conditions of DynamoDB that the workflows use, evaluated over an item. */
export type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;

interface Named {
  readonly item: Item;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Item;
}

const TOKEN = /\s*(attribute_not_exists|AND|OR|IN|[#:]\w+|>=|[<=(),])/gy;

/** Whether a condition holds; one that this does not know is an error. */
export function holds(condition: string, named: Named): boolean {
  const tokens = [...condition.matchAll(TOKEN)].map(([, token]) => token ?? '');
  if (tokens.join('') !== condition.replaceAll(/\s+/g, '')) throw new Error(`unknown condition: ${condition}`);
  const take = (wanted?: string): string => {
    const token = tokens.shift();
    if (token === undefined || (wanted !== undefined && token !== wanted))
      throw new Error(`no ${wanted} in ${condition}`);
    return token;
  };
  const value = (token: string): string | number | undefined => {
    const found = token.startsWith('#') ? named.item[named.names[token] ?? ''] : named.values[token];
    return found?.N === undefined ? found?.S : Number(found.N);
  };
  const any = (): boolean => {
    let result = all();
    while (tokens[0] === 'OR') {
      take();
      const next = all();
      result ||= next;
    }
    return result;
  };
  const all = (): boolean => {
    let result = one();
    while (tokens[0] === 'AND') {
      take();
      const next = one();
      result &&= next;
    }
    return result;
  };
  const one = (): boolean => {
    const first = take();
    if (first === '(') {
      const inner = any();
      take(')');
      return inner;
    }
    if (first === 'attribute_not_exists') {
      take('(');
      const name = take();
      take(')');
      return value(name) === undefined;
    }
    const left = value(first);
    const operator = take();
    if (operator === 'IN') {
      const choices: unknown[] = [];
      take('(');
      do choices.push(value(take()));
      while (take() === ',');
      return left !== undefined && choices.includes(left);
    }
    const right = value(take());
    if (left === undefined || right === undefined) return false;
    return operator === '=' ? left === right : operator === '<' ? left < right : left >= right;
  };
  const result = any();
  if (tokens.length > 0) throw new Error(`${tokens.join(' ')} is left of ${condition}`);
  return result;
}
