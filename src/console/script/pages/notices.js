// Browser notifications for contacts' messages, turned on by a button and remembered per browser.
const notify = document.getElementById('talk-notify');
if (notify && window.Notification && isSecureContext) {
    const page = notify.closest('[data-talk]');
    const base = page.dataset.events.replace(/\/events$/, '');
    const place = 'belfry notices';
    const isOn = () => Notification.permission === 'granted' && localStorage.getItem(place) === 'on';
    const show = () => notify.setAttribute('aria-pressed', isOn());
    notify.hidden = false;
    show();
    addEventListener('storage', show);
    notify.addEventListener('click', async () => {
        if (isOn()) localStorage.removeItem(place);
        else if ((await Notification.requestPermission()) === 'granted') localStorage.setItem(place, 'on');
        else {
            const line = document.getElementById('talk-problem');
            line.textContent = notify.dataset.blocked;
            line.hidden = false;
        }
        show();
    });

    // Whether a page of these conversations is visible in this browser: each holds a lock while it
    // is.
    const isVisible = () => document.visibilityState === 'visible';
    const watched = `belfry ${base}`;
    let leave = () => {};
    const attend = () => {
        leave();
        if (!isVisible()) return;
        const gone = new Promise((resolve) => (leave = resolve));
        navigator.locks.request(watched, { mode: 'shared' }, () => gone);
    };
    const isWatched = async () => isVisible() || (await navigator.locks.query()).held.some(({ name }) => name === watched);
    attend();

    const shown = new Map();
    document.addEventListener('visibilitychange', () => {
        attend();
        if (!isVisible()) return;
        for (const notice of shown.values()) notice.close();
        shown.clear();
    });
    page.addEventListener('belfry:incoming', async ({ detail: { number } }) => {
        if (!isOn() || (await isWatched())) return;
        const answer = await fetch(`${base}/${number}?part=notice`).catch(() => undefined);
        if (!answer?.ok || answer.redirected) return;
        const newest = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-message]');
        if (!newest) return;
        shown.get(number)?.close();
        try {
            // Two hidden pages show one notification.
            const notice = new Notification(newest.dataset.who, { body: newest.textContent, tag: `${watched} ${newest.dataset.message}` });
            notice.onclick = () => {
                window.focus();
                notice.close();
                if (location.pathname !== `${base}/${number}`) location.assign(`${base}/${number}`);
            };
            shown.set(number, notice);
        } catch {
            // Mobile browsers require a service worker.
            localStorage.removeItem(place);
            notify.hidden = true;
        }
    });
}
