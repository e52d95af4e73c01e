// By what this browser's jobs are told from others': a token that nobody can guess, kept in a cookie of this site.

const NAME = "gptviz_owner";
const YEAR = 31536000;

// The token that is kept, or a new one; where nothing may be kept, it lasts as long as this page does.
export function ownerToken() {
  const kept = new RegExp(`(?:^|; )${NAME}=([0-9a-f]{32,64})(?:;|$)`).exec(document.cookie)?.[1];
  const token = kept ?? [...crypto.getRandomValues(new Uint8Array(16))].map(hex).join("");
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing where a class is served without TLS
  document.cookie = `${NAME}=${token}; path=/; max-age=${YEAR}; SameSite=Strict`;
  return token;
}

/** @type {(byte: number) => string} */
function hex(byte) {
  return byte.toString(16).padStart(2, "0");
}
