/**
 * Checks that can be disabled without anything changing, and why: a second look at what another check has seen, or a
 * longer way to the same answer. A name that is none any more, or that a test notices by now, is red too.
 */
export const UNNOTICED: readonly (readonly [check: string, why: string])[] = [
  ['manifest.ts decodeManifest: issue -> true', 'what zod refuses has an issue; the types do not say so'],
  [
    'prune-orphans.ts orphansIn: (one) => readManifestKey(one.key) fits everything',
    'the key of a data object is the beginning of no run',
  ],
  ['prune-orphans.ts orphansIn: run !== undefined -> true', 'nobody asks when the run of no data was written'],
  [
    'prune-place.ts removerIn: one.retainUntil of one.retainUntil && one.retainUntil > now dropped',
    'what is not there is later than nothing; the types want to be told',
  ],
  [
    'stream/read-back.ts read: error instanceof Error -> true',
    'what is checked throws errors only; the types of a rejection do not say so',
  ],
  ['stream/read-back.ts checked: held -> true', 'an undefined piece is none to a byte stream'],
  ['stream/read-back.ts checked: held -> true #2', 'an undefined piece is none to a byte stream'],
  [
    'verify-objects.ts headObjects: !first of !first || !seen || first.deleteMarker dropped',
    'what no listing shows is not looked at, and so is not seen',
  ],
  [
    'verify-objects.ts headObjects: continue; left out #4',
    'the checks end here, and of a backup with a report no object is kept',
  ],
  [
    'verify-place.ts verifyPlace: first of first && (await readNew(place, task, key, history, report)) dropped',
    'a key is listed with at least one version; the types do not say so',
  ],
  [
    'verify-read.ts readStream: encoding of encoding && drain(readSegments(encoding, store, { ...options, signal: machine.signal })) dropped',
    'what a survey calls sound has an encoding there; the types do not say so',
  ],
];
