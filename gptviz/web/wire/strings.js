// The sentences of the interface come with the first picture in a language. From then on the browser says by their name which it has,
// and is not sent them again.

const KNOWN = new Map(); // name → strings; like this module it outlives the page, until the tab is closed or loaded anew

/**
 * The strings that go with a picture, or null where they neither came with it nor before.
 * @param {{ strings_id: string, strings?: Record<string, string> }} header
 * @returns {Record<string, string> | null}
 */
export function stringsOf(header) {
  if (header.strings) KNOWN.set(header.strings_id, header.strings);
  return KNOWN.get(header.strings_id) ?? null;
}
