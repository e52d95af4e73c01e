// Streamlit mounts a page's style sheet as a link, which loads beside the scripts. What is drawn before it is there flashes, and
// what is measured before it is there is wrong, so the first picture waits for it.

const PATIENCE = 5000; // a sheet that failed before anybody listened says nothing more

/**
 * Settles when the style sheets linked within `parent`, and what they import, are there, or will not come.
 * @param {ParentNode} parent
 * @returns {Promise<unknown>}
 */
export function whenStyled(parent) {
  const links = /** @type {NodeListOf<HTMLLinkElement>} */ (parent.querySelectorAll('link[rel="stylesheet"]'));
  const missing = [...links].filter((link) => !isThere(link.sheet));
  return Promise.all(missing.map(loaded));
}

/** @param {HTMLLinkElement} link */
function loaded(link) {
  return new Promise((done) => {
    link.addEventListener("load", done, { once: true });
    link.addEventListener("error", done, { once: true });
    setTimeout(done, PATIENCE);
  });
}

/**
 * @param {CSSStyleSheet | null} sheet
 * @returns {boolean}
 */
function isThere(sheet) {
  if (!sheet) return false;
  const imports = [...sheet.cssRules].filter((rule) => rule instanceof CSSImportRule);
  return imports.every((rule) => isThere(rule.styleSheet));
}
