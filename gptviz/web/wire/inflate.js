// @ts-check
// Messages that Python has compressed (see `deflated` in ui/web/message.py): four zero bytes, then DEFLATE.

const MARK = 4;

/** @type {(bytes: Uint8Array) => boolean} */
export function isDeflated(bytes) {
  return bytes.length > MARK && bytes.subarray(0, MARK).every((byte) => byte === 0);
}

/** @type {(bytes: Uint8Array) => Promise<Uint8Array>} */
export async function inflate(bytes) {
  const packed = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes.subarray(MARK))]);
  const stream = packed.stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
