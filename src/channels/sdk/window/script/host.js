// The page around the window: who it is, and what is told to it and heard from it.
const body = document.body;
const conversation = body.dataset.conversation;
const page = window.parent === window ? undefined : window.parent;
const origins = (body.dataset.origins || '').split(' ').filter(Boolean);
// Its origin: the browser names it, or its first message does.
let pageOrigin = [...(location.ancestorOrigins ?? [])].slice(0, 1).find((origin) => origins.includes(origin));
const postToHost = (type, payload = {}) => {
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

// What this tab keeps of a window: its token, for when it is loaded again, and what was typed.
// Where a browser gives no storage to another site's page, it stands beside the address in the
// history of the frame, which no other origin reads.
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
