// Style sheets of components, as links in the document's head: the browser caches them, and no answer
// of the server sends them again.

/** @type {Map<string, Promise<void>>} */
const loaded = new Map();

/**
 * Load style sheets in their order, each once. One that cannot be loaded is reported in the console,
 * and the component is shown without it.
 *
 * @param {string[]} urls
 * @returns {Promise<unknown>}
 */
export function loadStyleSheets(urls) {
  for (const url of urls) if (!loaded.has(url)) loaded.set(url, load(url));
  return Promise.all(urls.map((url) => loaded.get(url)));
}

/**
 * @param {string} url
 * @returns {Promise<void>}
 */
function load(url) {
  return new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL(url, document.baseURI).href;
    link.onload = () => resolve();
    link.onerror = () => {
      loaded.delete(url); // the next component tries again
      resolve();
    };
    document.head.append(link);
  });
}
