/** A request as the proxy sees it, before its body has come. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What the proxy does to a request instead of passing it on, or on its way. */
export type Fault =
  /** Takes the body and answers by itself: the store never hears of it. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** Breaks both connections when so many bytes of the request's body have been passed on. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Breaks both connections when so many bytes of the answer's body have been passed back. */
  | { readonly kind: 'cut-answer'; readonly afterBytes: number }
  /** Takes the request and never answers; the store never hears of it. */
  | { readonly kind: 'silence' }
  /** Lets the store carry it out, and then breaks the connection, or answers with `status`, instead of its answer. */
  | { readonly kind: 'lose-answer'; readonly status?: number }
  /** Changes one byte of the request's body. */
  | { readonly kind: 'flip-byte'; readonly at: number }
  /** Changes one byte of the answer's body. */
  | { readonly kind: 'flip-answer-byte'; readonly at: number }
  /** Changes a header of the answer. */
  | { readonly kind: 'answer-header'; readonly name: string; readonly value: string }
  /** Calls, and from then on passes nothing: not the request, or not the answer to what the store carried out. */
  | { readonly kind: 'end-at'; readonly what: 'request' | 'answer'; readonly call: () => void }
  /** Passes it on only when the test says so: a slow network without a slow test. */
  | { readonly kind: 'hold'; readonly until: Promise<void> }
  /** Passes it on after a while. */
  | { readonly kind: 'delay'; readonly milliseconds: number };

export interface Rule {
  /** @default - every request */
  readonly when?: (request: SeenRequest) => boolean;
  /** Requests that it lets pass before the first one that it hits. @default 0 */
  readonly skip?: number;
  /** @default 1 */
  readonly times?: number;
  readonly fault: Fault;
}

/** What a request became: `answered` with the status that the client saw, or that it saw none. */
export interface PassedRequest extends SeenRequest {
  /** Bytes of the body that came from the client. */
  readonly bytes: number;
  readonly fault?: Fault['kind'];
  /** Of the store, whether or not the client saw it. */
  readonly storeStatus?: number;
  /** That the client saw. */
  readonly status?: number;
}

/** Counts down one rule after another: the first that matches a request has it. */
export class Script {
  readonly #rules: { readonly rule: Rule; skip: number; left: number }[] = [];

  add(rule: Rule): void {
    this.#rules.push({ rule, skip: rule.skip ?? 0, left: rule.times ?? 1 });
  }

  clear(): void {
    this.#rules.length = 0;
  }

  /** Whether every rule hit as often as it was to: a fault that never came proves nothing. */
  get spent(): boolean {
    return this.#rules.every(({ left }) => left === 0 || left === Infinity);
  }

  next(request: SeenRequest): Fault | undefined {
    const state = this.#rules.find(({ rule, left }) => left > 0 && (rule.when?.(request) ?? true));
    if (!state) return undefined;
    if (state.skip > 0) {
      state.skip -= 1;
      return undefined;
    }
    state.left -= 1;
    return state.rule.fault;
  }
}
