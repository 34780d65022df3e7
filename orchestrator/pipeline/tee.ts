/** The same bytes, shown to `look` as they pass. */
export async function* tee(source: AsyncIterable<Uint8Array>, look: (chunk: Uint8Array) => void): AsyncIterable<Uint8Array> {
  for await (const chunk of source) {
    look(chunk);
    yield chunk;
  }
}
