// The server's address, for Streamlit's frontend. Without it, at /fan, that looks for its server
// below /fan first: two requests in vain, two errors in the console, and a page that begins later.

const script = /** @type {HTMLScriptElement} */ (document.currentScript);
/** @type {any} */ (window).__streamlit = {
  BACKEND_BASE_URL: new URL("../..", script.src).href,
};
