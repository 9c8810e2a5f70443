// The service worker: what the site is made of is kept, and is asked of nobody but the site. NAME and FILES are
// written above it by `make site`.

self.addEventListener("install", (event) => {
    event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
    event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== NAME)
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
    return await cache.match(url.href) ?? fetch(request);
}
