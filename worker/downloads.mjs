// The eye that a worker keeps on what it fetches, for the page to be told of, by messages: {part: "bytes", bytes} as
// they arrive, of what takes long; and {part: "failed", sentence}, for libraries wait for ever for what does not
// arrive, or tell nobody.

/** The names of files that are counted; modules are imported, which nobody can watch. */
export const COUNTED = /\.(wasm|snapshot)$/;
const TELL = 500_000; // bytes from one message to the next

/** Have all that is fetched from now on watched. */
export function watch() {
  const { fetch } = globalThis;

  globalThis.fetch = async (...request) => {
    let response;
    try {
      response = await fetch(...request);
    } catch (error) {
      miss(String(request[0].url ?? request[0]), error.message);
      throw error;
    }
    if (!response.ok) miss(response.url, `status ${response.status}`);
    else if (COUNTED.test(response.url)) count(response.clone());
    return response;
  };
}

/** Fetch files now, and give each to whoever fetches it next. */
export function fetchEarly(addresses) {
  const { fetch } = globalThis;
  const early = new Map(addresses.map((address) => [address, fetch(address)]));

  globalThis.fetch = (...request) => {
    const address = String(request[0].url ?? request[0]);
    const promised = early.get(address);
    early.delete(address);
    return promised ?? fetch(...request);
  };
}

function miss(address, reason) {
  postMessage({ part: "failed", sentence: `${address.split("/").pop()} did not arrive (${reason}).` });
}

async function count({ body }) {
  let bytes = 0;
  for (const reader = body.getReader(); ; ) {
    const { done, value } = await reader.read().catch(() => ({ done: true }));
    bytes += value?.byteLength ?? 0;
    if (bytes >= TELL || done) {
      postMessage({ part: "bytes", bytes });
      bytes = 0;
    }
    if (done) return;
  }
}
