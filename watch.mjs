// The eye that a worker keeps on what it fetches: libraries wait for ever for what does not arrive, or tell nobody. So
// the page is told, by a message: {part: "missing", sentence}.

/** Have all that is fetched from now on watched; `arrives(response)` is called with each response that is as it should. */
export function watch(arrives) {
  const { fetch } = globalThis;

  globalThis.fetch = async (...request) => {
    let response;
    try {
      response = await fetch(...request);
    } catch (error) {
      miss(String(request[0].url ?? request[0]), error.message);
      throw error;
    }
    if (response.ok) arrives(response);
    else miss(response.url, `status ${response.status}`);
    return response;
  };
}

function miss(address, reason) {
  postMessage({ part: "missing", sentence: `${address.split("/").pop()} did not arrive (${reason}).` });
}
