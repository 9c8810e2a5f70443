// Once loaded, the site works without a network.

navigator.serviceWorker?.register(new URL("../worker.js", import.meta.url)).catch(() => {});
