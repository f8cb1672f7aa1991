// Communication with the embedding page: its identity, and the messages in both directions.
const body = document.body;
const conversation = body.dataset.conversation;
const page = window.parent === window ? undefined : window.parent;
const origins = (body.dataset.origins || '').split(' ').filter(Boolean);
// Its origin: from the browser, or from the page's first message.
let pageOrigin = [...(location.ancestorOrigins ?? [])].slice(0, 1).find((origin) => origins.includes(origin));
const postToHost = (type, payload = {}) => {
    const message = { source: 'inbox-sdk', v: 1, type, payload };
    // The browser delivers it only if the page has this origin.
    for (const origin of pageOrigin ? [pageOrigin] : origins) page?.postMessage(message, origin);
};
const onHost = (handlers) =>
    addEventListener('message', ({ source, origin, data }) => {
        if (!page || source !== page || !origins.includes(origin) || data?.source !== 'inbox-sdk' || data.v !== 1) return;
        pageOrigin = origin;
        if (Object.hasOwn(handlers, data.type)) handlers[data.type](data.payload ?? {});
    });

// What this tab stores of a window: its token, for a reload, and the typed text. If the browser
// blocks third-party storage, both are stored in the frame's history state, which no other origin
// can read.
const keep = (name, value) => {
    try {
        if (value) sessionStorage.setItem(name, value);
        else sessionStorage.removeItem(name);
    } catch {
        history.replaceState({ ...history.state, [name]: value || null }, '');
    }
};
const kept = (name) => {
    try {
        return sessionStorage.getItem(name);
    } catch {
        return history.state?.[name] ?? null;
    }
};
const TOKEN = `belfry window ${conversation}`;
