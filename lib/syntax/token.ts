/** A word of the text. `problem` is reported by the parser where the token is used, never while it recovers. */
export interface Token {
  readonly kind: 'string' | 'number' | 'word' | 'punctuation' | 'junk' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly problem?: TokenProblem;
}

export interface TokenProblem {
  readonly code: 'DR1001' | 'DR1002' | 'DR1003' | 'DR1004' | 'DR1014';
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly fix: string;
}
