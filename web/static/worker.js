// The service worker: what the site is made of is kept, and is asked of nobody but the site. NAME, FILES and
// LATER, the folder of what is kept once somebody has asked for it, are written above it by `make site`.

const WRITTEN = "written"; // kernels of what was written in the page: they stay

self.addEventListener("install", (event) => {
    event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
    event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== NAME && name !== WRITTEN)
        .map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
    if (new URL(event.request.url).origin !== self.location.origin) event.respondWith(Response.error());
    else event.respondWith(kept(event.request));
});

async function kept(request) {
    const url = new URL(request.url);
    url.search = "";
    if (url.pathname.endsWith("/")) url.pathname += "index.html";
    const cache = await caches.open(NAME);
    const known = await cache.match(url.href);
    if (known) return known;
    const answer = await fetch(request);
    if (answer.ok && new URL(`${LATER}/`, self.location.href).href === new URL(".", url).href)
        await cache.put(url.href, answer.clone());
    return answer;
}
