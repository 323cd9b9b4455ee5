/**
 * Lines of any bytes, each with its end if it has one: latin1 keeps every byte, and only a line feed ends a line, where
 * `readline` takes a carriage return of somebody's text for one too.
 */
export async function* latinLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let open: string[] = [];
  for await (const chunk of input) {
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      yield open.join('') + text.slice(from, end + 1);
      open = [];
      from = end + 1;
    }
    if (from < text.length) open.push(text.slice(from));
  }
  if (open.length > 0) yield open.join('');
}
