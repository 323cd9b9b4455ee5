/** A server starts in its own time: what hangs ends after a minute, and no result hangs on how busy a machine is. */
jest.setTimeout(60_000);
