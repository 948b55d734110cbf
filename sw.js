// The service worker: it keeps one version of the page in the browser, all of it or nothing, and takes the images that
// other apps share. precache.js is the list of the files, which the build writes: a new version changes it.
const WORKBOX = ["core", "routing", "strategies", "precaching"];
importScripts("precache.js", ...WORKBOX.map((part) => `vendor/workbox/workbox-${part}.prod.js`));

const precache = new workbox.precaching.PrecacheController({
  fallbackToNetwork: false,
  plugins: [
    {
      // The page has just fetched nearly all of it: ask whether it is still the same, and do not fetch it twice.
      requestWillFetch: async ({ request }) => new Request(request, { cache: "no-cache" }),
      // Where the browser has emptied the cache, the whole page comes from the network until it is filled again.
      cachedResponseWillBeUsed: async ({ cachedResponse, event }) =>
        event.type === "install" || (await isWhole()) ? cachedResponse : null,
    },
  ],
});

// Each file is checked by its hash. Where one does not fit, as in the middle of a deployment, nothing is installed, the
// version before goes on being served, and the browser tries again at a later visit.
precache.precache(self.PRECACHE);
workbox.routing.registerRoute(new workbox.precaching.PrecacheRoute(precache, { ignoreURLParametersMatching: [/./] }));
workbox.routing.registerRoute(new URL("share", location.href).href, takeShared, "POST");
workbox.routing.setCatchHandler(({ request }) => fetch(request));
workbox.core.clientsClaim();

addEventListener("message", (event) => {
  if (event.data === "take over") skipWaiting();
  // What is there already is not fetched; Workbox fills the cache in what looks like an installation only.
  if (event.data === "fill") precache.install({ type: "install", waitUntil: (done) => event.waitUntil(done) });
});

// The list ends with the page itself, and files are fetched one after the other.
async function isWhole() {
  return Boolean(await precache.matchPrecache("index.html"));
}

// ui/offline.py looks for the image, and says so where there is none.
async function takeShared({ request }) {
  try {
    const image = (await request.formData()).get("image");
    const cache = await caches.open("digitpad-shared");
    await cache.put("shared-image", new Response(image));
  } catch (error) {
    console.info("The shared image could not be kept.", error);
  }
  return Response.redirect("./?shared", 303);
}
