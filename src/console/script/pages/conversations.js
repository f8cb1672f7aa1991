// Conversations without page loads: forms are sent by fetch, and parts of the page are replaced
// when the event stream reports a change. Typed text, focus and scroll positions stay.
const talk = document.querySelector('[data-talk]');
if (talk) {
    const { number, token } = talk.dataset;
    const here = (id) => document.getElementById(id);
    const parse = (html) => new DOMParser().parseFromString(html, 'text/html');
    const base = location.pathname;

    const { setTimes, setDays: daysOf } = threadTimes(talk.dataset);
    const setDays = () => daysOf(here('messages'));

    /* Replacing parts of the page with those of a fetched copy. */
    const putList = (page) => {
        const rows = page.getElementById('talk-rows');
        const mine = here('talk-rows');
        if (!rows || !mine) return;
        setTimes(rows);
        const focused = mine.contains(document.activeElement) && document.activeElement.closest('li')?.dataset.number;
        mine.replaceChildren(...rows.childNodes);
        if (focused) mine.querySelector(`li[data-number="${focused}"] a`)?.focus();
        const tabs = page.querySelector('#talk-list .tabs');
        if (tabs && !here('talk-list').querySelector('.tabs').contains(document.activeElement)) here('talk-list').querySelector('.tabs').replaceWith(tabs);
        countUnread();
    };
    const title = document.title;
    const countUnread = () => {
        // The open conversation counts as unread while the page is hidden.
        const unread = document.querySelectorAll('.talk-row.unread').length + unseen;
        document.title = unread ? `(${unread}) ${title}` : title;
    };
    // Messages on both pages are replaced, new ones appended. Older ones that were loaded stay.
    const putMessages = (page) => {
        const list = here('messages');
        const fresh = [...page.querySelectorAll('#messages > li[data-key]')];
        if (!list || here('talk-messages').dataset.past !== undefined) return;
        const rowsByKey = new Map([...list.querySelectorAll('li[data-key]')].map((item) => [item.dataset.key, item]));
        if (!fresh.some((item) => rowsByKey.has(item.dataset.key))) list.replaceChildren();
        for (const item of fresh) {
            const old = rowsByKey.get(item.dataset.key);
            setTimes(item);
            item.classList.toggle('goes-on', !!old?.classList.contains('goes-on'));
            if (!old?.isConnected) list.append(item);
            else if (old.outerHTML !== item.outerHTML) old.replaceWith(item);
        }
        if (fresh.length) talk.querySelector('.nothing')?.remove();
        setDays();
    };
    const isUsed = (part) => part.contains(document.activeElement) || part.querySelector('details[open]');
    const putThread = (page, force) => {
        putMessages(page);
        for (const id of ['talk-head', 'talk-side']) {
            const [mine, theirs] = [here(id), page.getElementById(id)];
            if (!mine || !theirs || (!force && isUsed(mine))) continue;
            setTimes(theirs);
            const scroll = mine.scrollTop;
            mine.replaceWith(theirs);
            theirs.scrollTop = scroll;
        }
        prepare(talk);
    };
    const prepare = (root) => {
        for (const form of root.querySelectorAll('form[data-auto], form[data-filters]')) form.querySelector('button').hidden = true;
    };

    /* One request per part at a time; changes meanwhile lead to one more. */
    const refresher = (part, put) => {
        let running = false;
        let again = false;
        const run = async () => {
            if (running) return void (again = true);
            running = true;
            const url = new URL(location.href);
            url.searchParams.set('part', part);
            try {
                const answer = await fetch(url);
                if (answer.redirected) location.reload();
                else if (answer.ok) put(parse(await answer.text()));
                else if (answer.status === 404) location.assign(base.replace(/\/\d+$/, ''));
            } catch {
                // The stream reports when the connection is back.
            }
            running = false;
            if (again) {
                again = false;
                setTimeout(run, 200);
            }
        };
        return run;
    };
    const refreshList = refresher('list', putList);
    const refreshThread = refresher('thread', (page) => {
        putThread(page, false);
        if (page.getElementById('talk-messages')?.dataset.unread !== '0') look();
    });

    /* Forms are sent by fetch. */
    const post = (path, fields) => fetch(path, { method: 'POST', body: new URLSearchParams({ token, ...fields }) }).catch(() => undefined);
    const complain = (text) => {
        const line = here('talk-problem');
        line.textContent = text;
        line.hidden = !text;
    };
    const isRead = () => document.visibilityState === 'visible' && document.hasFocus();
    let unseen = false;
    const look = () => {
        if (!number) return;
        unseen = !isRead();
        countUnread();
        // Lists, also in other windows, are updated by the stream.
        if (!unseen) post(`${base}/seen`, {});
    };
    for (const event of ['visibilitychange', 'focus']) addEventListener(event, () => unseen && look(), true);

    const composer = here('talk-composer');
    const text = here('talk-content');
    const kind = () => composer.elements.kind.value;
    document.addEventListener('submit', async (event) => {
        const form = event.target;
        if (form.dataset.quick === undefined || event.defaultPrevented) return;
        event.preventDefault();
        const isComposer = form === composer;
        const body = new FormData(form, event.submitter);
        body.append('quick', '1');
        complain('');
        form.classList.add('sending');
        let problem = composer?.dataset.failed ?? '';
        try {
            const answer = await fetch(form.action, { method: 'POST', body: form.enctype.startsWith('multipart') ? body : new URLSearchParams(body) });
            const page = parse(await answer.text());
            if (answer.ok && page.querySelector('[data-talk]')) {
                problem = '';
                if (isComposer) sent(body.get('content'));
                for (const open of document.querySelectorAll('[data-popup][open]')) open.open = false;
                putList(page);
                putThread(page, true);
            } else if (answer.redirected) location.reload();
            else problem = page.querySelector('.composer .notice, main > p:not(.brand)')?.textContent || problem;
        } catch {
            // Reported below.
        }
        form.classList.remove('sending');
        delete form.dataset.sent;
        complain(problem);
    });
    // Selects are saved at once, and filters applied.
    talk.addEventListener('change', ({ target }) => {
        if (target.form?.dataset.auto !== undefined || (target.form?.dataset.filters !== undefined && target.localName === 'select')) target.form.requestSubmit();
    });
    talk.addEventListener('click', async (event) => {
        const link = event.target.closest('a[data-older]');
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        const answer = await fetch(`${link.href}&part=thread`).catch(() => undefined);
        if (!answer?.ok) return location.assign(link.href);
        const page = parse(await answer.text());
        const items = [...page.querySelectorAll('#messages > li[data-key]')];
        for (const item of items) setTimes(item);
        here('messages').prepend(...items);
        const more = page.querySelector('a[data-older]');
        if (more) link.href = more.href;
        else link.closest('p').remove();
        setDays();
    });
    document.addEventListener('pointerdown', ({ target }) => {
        for (const open of document.querySelectorAll('[data-popup][open]')) if (!open.contains(target)) open.open = false;
    });

    /* Drafts and typing. */
    let sent = () => {};
    if (composer) {
        const draft = `belfry draft ${base}`;
        let toldAt = 0;
        let idle;
        const stop = () => {
            clearTimeout(idle);
            if (toldAt) post(`${base}/typing`, { typing: 'off', kind: kind() });
            toldAt = 0;
        };
        const keep = () => {
            if (text.value || kind() === 'note') localStorage.setItem(draft, JSON.stringify({ text: text.value, kind: kind() }));
            else localStorage.removeItem(draft);
        };
        const setKind = () => {
            const chosen = composer.querySelector('[name=kind]:checked');
            text.placeholder = chosen.dataset.placeholder;
        };
        try {
            const storedDraft = JSON.parse(localStorage.getItem(draft) ?? 'null');
            if (storedDraft && !text.value) {
                text.value = storedDraft.text;
                const radio = composer.querySelector(`[name=kind][value="${storedDraft.kind === 'note' ? 'note' : 'reply'}"]:not(:disabled)`);
                if (radio) radio.checked = true;
            }
        } catch {
            localStorage.removeItem(draft);
        }
        setKind();
        text.addEventListener('input', () => {
            keep();
            clearTimeout(idle);
            if (!text.value) return stop();
            idle = setTimeout(stop, 5000);
            if (performance.now() - toldAt < 3000 && toldAt) return;
            toldAt = performance.now();
            post(`${base}/typing`, { typing: 'on', kind: kind() });
        });
        composer.addEventListener('change', (event) => {
            if (event.target.name !== 'kind') return;
            stop();
            setKind();
            keep();
            text.focus();
        });
        composer.addEventListener('keydown', (event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            composer.requestSubmit();
        });
        sent = (content) => {
            stop();
            // Text typed during the request belongs to the next message.
            if (text.value.replace(/\r\n/g, '\n') === String(content).replace(/\r\n/g, '\n')) text.value = '';
            composer.elements.attachments.value = '';
            composer.elements.attachments.dispatchEvent(new Event('change'));
            keep();
            text.focus();
        };
        addEventListener('pagehide', () => toldAt && navigator.sendBeacon(`${base}/typing`, new URLSearchParams({ token, typing: 'off', kind: kind() })));
    }
    const typing = new Map();
    const setTyping = () => {
        const line = here('talk-typing');
        if (!line) return;
        line.textContent = [...typing].map(([who, { note }]) => line.dataset[note ? 'note' : 'typing'].replace('{name}', who)).join(' ');
    };
    const hearTyping = ({ who, on, note }) => {
        clearTimeout(typing.get(who)?.timer);
        typing.delete(who);
        // Typing contacts who disconnect are removed after a while.
        if (on) typing.set(who, { note, timer: setTimeout(() => (typing.delete(who), setTyping()), 8000) });
        setTyping();
    };

    /* The stream. */
    let lost = false;
    let warning;
    const listen = () => {
        const stream = new EventSource(talk.dataset.events);
        stream.addEventListener('ready', () => {
            clearTimeout(warning);
            warning = undefined;
            if (here('talk-offline')) here('talk-offline').hidden = true;
            talk.dataset.live = '1';
            // Catches up after a reconnect.
            if (lost) changed({});
            lost = false;
        });
        stream.addEventListener('changed', (event) => changed(JSON.parse(event.data)));
        stream.addEventListener('incoming', (event) => talk.dispatchEvent(new CustomEvent('belfry:incoming', { detail: JSON.parse(event.data) })));
        stream.addEventListener('read', () => here('talk-list') && refreshList());
        stream.addEventListener('typing', (event) => {
            const data = JSON.parse(event.data);
            if (String(data.number) === number) hearTyping(data);
        });
        stream.addEventListener('error', () => {
            lost = true;
            delete talk.dataset.live;
            warning ??= setTimeout(() => here('talk-offline') && (here('talk-offline').hidden = false), 6000);
            if (stream.readyState !== EventSource.CLOSED) return;
            // A signed-out agent is redirected to sign in by the list.
            refreshList();
            setTimeout(listen, 5000);
        });
    };
    const changed = (event) => {
        if (!here('talk-list')) return location.reload();
        refreshList();
        if (number && (event.number === undefined || String(event.number) === number)) refreshThread();
    };

    setTimes(talk);
    setDays();
    prepare(talk);
    countUnread();
    listen();
}
