// The page's end of the recogniser's worker; worker/main.mjs tells what is sent between them. The worker starts with the
// page: Python loads in it while the page gets ready to be drawn on. ui/engine.py asks it, from the page's Python.
{
  // Made from a blob, it may do what the page may, by the page's Content-Security-Policy, and no more. Firefox asks a
  // service worker for what is imported in this way, but not for what stands in an import statement.
  const address = JSON.stringify(new URL("worker/main.mjs", document.baseURI));
  const failed = JSON.stringify({ part: "failed", sentence: "worker/main.mjs, or what it imports, did not arrive." });
  const source = `import(${address}).catch(() => postMessage(${failed}));`;
  const blob = new Blob([source], { type: "text/javascript" });

  const STOPPED = "It was stopped.";

  function start() {
    const worker = new Worker(URL.createObjectURL(blob), { type: "module" });
    const asked = new Map(); // what settles the promises of answers, by the requests' numbers
    const early = []; // news from before anybody listens
    let tell = (news) => early.push(news);
    let count = 0;
    let isStopped = false;
    let listen;
    const listening = new Promise((resolve) => (listen = resolve)); // a request from before would be lost

    worker.addEventListener("message", ({ data }) => {
      if (data.part === "listening") listen();
      else if (data.part) tell(data);
      else settle(data);
    });

    function settle({ number, answer, error }) {
      if (!asked.has(number)) return; // it was stopped meanwhile
      const { resolve, reject } = asked.get(number);
      asked.delete(number);
      if (error === undefined) resolve(answer);
      else reject(new Error(error));
    }

    function post(request) {
      try {
        worker.postMessage(request);
      } catch ({ message }) {
        settle({ number: request.number, error: message }); // as of pixels that were given away meanwhile
      }
    }

    return {
      /** Have a function told all news of how the start goes on, those up to now at once. */
      listen(listener) {
        tell = listener;
        for (const news of early.splice(0)) tell(news);
      },

      /** Promise what a function of recogniser.py answers. */
      ask(name, ...given) {
        const number = ++count;
        const answer = new Promise((resolve, reject) => asked.set(number, { resolve, reject }));
        if (isStopped) settle({ number, error: STOPPED });
        else listening.then(() => post({ number, name, given }));
        return answer;
      },

      /** End the worker; what it was asked is answered with an error. */
      stop() {
        worker.terminate();
        isStopped = true;
        tell = () => {};
        for (const number of asked.keys()) settle({ number, error: STOPPED });
      },
    };
  }

  let ahead = start();

  /** Return a worker: the one that started with the page, or, when that was taken, a new one. */
  globalThis.startRecogniser = () => {
    const recogniser = ahead ?? start();
    ahead = undefined;
    return recogniser;
  };
}
