/**
 * What takes long in turns: `HYPDR_TURN=2/3` is the second third of it, and without the variable all of it is run.
 * `.ci/run` sets it by the number of commits, so that what one run leaves out is run by one of the next.
 */
interface Turn {
  readonly turn: number;
  readonly of: number;
}

/** @throws where it is no such fraction */
export function turnOf(text: string | undefined): Turn {
  if (text === undefined || text === '') return { turn: 1, of: 1 };
  const [, turn, of] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(text) ?? [];
  if (Number(turn) > Number(of) || turn === undefined) throw new Error(`HYPDR_TURN is ${text}, not 1/3, 2/3 or 3/3`);
  return { turn: Number(turn), of: Number(of) };
}

const NOW = turnOf(process.env.HYPDR_TURN);

/** Of things that are counted from 0. */
export function isTurnOf(index: number, { turn, of }: Turn = NOW): boolean {
  return index % of === turn - 1;
}

/** Those of a list whose turn it is. */
export function inTurn<T>(all: readonly T[], turn: Turn = NOW): readonly T[] {
  return all.filter((_, index) => isTurnOf(index, turn));
}

let declared = 0;

/** A test that is run in its turn, and skipped else. */
export function testInTurn(...declaration: Parameters<typeof test>): void {
  (isTurnOf(declared) ? test : test.skip)(...declaration);
  declared += 1;
}
