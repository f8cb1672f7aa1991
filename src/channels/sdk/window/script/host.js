// The page around the window: who it is, and what is told to it and heard from it.
const body = document.body;
const conversation = body.dataset.conversation;
const page = window.parent === window ? undefined : window.parent;
const origins = (body.dataset.origins || '').split(' ').filter(Boolean);
// Its origin: the browser names it, or its first message does.
let pageOrigin = [...(location.ancestorOrigins ?? [])].slice(0, 1).find((origin) => origins.includes(origin));
const tell = (type, payload = {}) => {
    const message = { source: 'inbox-sdk', v: 1, type, payload };
    // The browser gives it to the page only if the page is of this origin.
    for (const origin of pageOrigin ? [pageOrigin] : origins) page?.postMessage(message, origin);
};
const onHost = (handlers) =>
    addEventListener('message', ({ source, origin, data }) => {
        if (!page || source !== page || !origins.includes(origin) || data?.source !== 'inbox-sdk' || data.v !== 1) return;
        pageOrigin = origin;
        if (Object.hasOwn(handlers, data.type)) handlers[data.type](data.payload ?? {});
    });

// What this tab keeps of a window: its token, for when it is loaded again, and what was typed. Some browsers keep nothing in another site's page.
const keep = (name, value) => {
    try {
        if (value) sessionStorage.setItem(name, value);
        else sessionStorage.removeItem(name);
    } catch {
        // It is typed or opened again then.
    }
};
const kept = (name) => {
    try {
        return sessionStorage.getItem(name);
    } catch {
        return null;
    }
};
const TOKEN = `belfry window ${conversation}`;
