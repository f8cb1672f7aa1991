// Updates the window without page loads: posts its form in the background, and replaces changed
// parts when the SDK's connection reports a change. Typed text, focus and scroll position are kept.
// Without this script everything works by the form alone.
const here = (id) => document.getElementById(id);
const form = here('window');

const end = (reason) => {
    keep(TOKEN);
    here('opening')?.remove();
    if (form) form.hidden = true;
    if (here('ended')) here('ended').hidden = false;
    if (reason === 'not_found') postToHost('error', { reason });
    else if (reason === 'logout') postToHost('conversation_closed', { conversation_id: conversation });
    else postToHost('auth_required');
};

if (body.dataset.view === 'enter') {
    const enter = here('enter');
    const code = new URLSearchParams(location.hash.slice(1)).get('t');
    // The history must not contain a secret.
    history.replaceState(history.state, '', location.pathname + location.search);
    if (code) {
        enter.elements.t.value = code;
        enter.submit();
    } else if (kept(TOKEN)) {
        // The page was reloaded.
        enter.elements.t.name = 'k';
        enter.elements.k.value = kept(TOKEN);
        enter.action = enter.dataset.again;
        // Typed text in the history state isn't visible to the next page.
        const draft = Object.entries(history.state ?? {}).find(([name, value]) => value && name.startsWith(`belfry draft ${conversation} `));
        const { text, kind } = draft ? JSON.parse(draft[1]) : {};
        for (const [name, value] of Object.entries(text ? { content: text, kind } : {})) {
            enter.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
        }
        enter.submit();
    } else end();
} else if (body.dataset.view === 'ended') {
    keep(TOKEN);
    postToHost('auth_required');
} else if (!form) postToHost('error', { reason: body.dataset.view });
else {
    const { dataset } = form;
    const token = form.elements.k.value;
    const content = here('content');
    const composer = here('composer');
    const { setTimes, setDays } = threadTimes(dataset);
    const parse = (html) => new DOMParser().parseFromString(html, 'text/html');
    const address = (rest) => `/inbox/embed/${conversation}${rest}${new URL(form.action).search}`;
    const DRAFT = `belfry draft ${conversation} ${dataset.me}`;
    keep(TOKEN, token);
    // A reload requests the window without the code, which is used up by now.
    history.replaceState(history.state, '', address(''));

    /* Requests beside the page. */
    let stop = () => {};
    let isOver = false;
    const over = (reason) => {
        if (isOver) return;
        isOver = true;
        stop();
        end(reason);
    };
    const WORDS = { 404: 'not_found', 413: 'bad_request', 422: 'bad_request', 429: 'rate_limited' };
    const post = async (rest, fields) => {
        const sent = fields instanceof FormData ? fields : new URLSearchParams({ k: token, ...fields });
        const answer = await fetch(address(rest), { method: 'POST', body: sent, headers: { 'x-belfry-window': '1' }, credentials: 'omit', keepalive: rest === '/act' });
        if (answer.status === 401) over('unauthorized');
        if (answer.status === 404) over('not_found');
        return answer;
    };
    const complain = (text) => {
        here('problem').textContent = text;
        here('problem').hidden = !text;
    };

    /* Parts in their places. */
    let isInView = false;
    const isLooked = () => isInView && document.visibilityState === 'visible' && !isOver;
    let unread;
    let status;
    const notice = () => {
        const now = here('thread').dataset;
        if (now.unread !== unread) postToHost('unread', { count: Number((unread = now.unread)) });
        if (status && now.status !== status) postToHost(now.status === 'closed' ? 'conversation_closed' : 'conversation_opened', { conversation_id: conversation });
        status = now.status;
    };
    const look = () => {
        if (!isLooked() || here('thread').dataset.unread === '0') return;
        here('thread').dataset.unread = '0';
        notice();
        post('/act', { do: 'seen' }).catch(() => {});
    };
    const putThread = (fresh) => {
        const [mine, theirs] = [here('thread'), fresh.getElementById('thread')];
        const wasSeen = mine.dataset.unread === '0';
        mine.dataset.unread = theirs.dataset.unread;
        mine.dataset.status = theirs.dataset.status;
        const isJoined = theirs.dataset.joined !== undefined;
        if (isJoined === !!composer.hidden) {
            // Typed text stays visible.
            const isKept = !isJoined && content.value;
            composer.hidden = !isJoined && !isKept;
            here('join').hidden = isJoined;
            if (isJoined && here('join').contains(document.activeElement)) content.focus();
        }
        if (mine.dataset.past !== undefined) return;
        const list = here('messages');
        const items = [...theirs.querySelectorAll('#messages > li[data-key]')];
        const known = new Map([...list.querySelectorAll('li[data-key]')].map((item) => [item.dataset.key, item]));
        if (!items.some((item) => known.has(item.dataset.key))) list.replaceChildren();
        // The line above new messages stays until everything was seen.
        const line = !isLooked() && (wasSeen || !list.querySelector('.unread-line')) && theirs.querySelector('.unread-line');
        let first = line && line.nextElementSibling;
        while (first && !first.dataset.key) first = first.nextElementSibling;
        for (const item of items) {
            const old = known.get(item.dataset.key);
            setTimes(item);
            item.classList.toggle('goes-on', !!old?.classList.contains('goes-on'));
            if (!old?.isConnected) list.append(item);
            else if (old.outerHTML !== item.outerHTML) old.replaceWith(item);
        }
        if (first) {
            list.querySelector('.unread-line')?.remove();
            list.querySelector(`[data-key="${first.dataset.key}"]`)?.before(line);
        }
        if (items.length) mine.querySelector('.nothing')?.remove();
        const older = theirs.querySelector('[name=before]');
        if (older && !mine.querySelector('[name=before]') && list.children.length <= theirs.querySelector('#messages').children.length) list.before(older.parentNode);
        setDays(list);
    };
    const putHead = (fresh, isForced) => {
        const [mine, theirs] = [here('head'), fresh.getElementById('head')];
        if (!isForced && (mine.contains(document.activeElement) || mine.querySelector('details[open]'))) return;
        const stops = (head) => [...head.querySelectorAll('button, summary')];
        const place = stops(mine).indexOf(document.activeElement);
        mine.replaceWith(theirs);
        const stop = stops(theirs)[place];
        // A button in the menu is hidden with it.
        (stop?.closest('details') ? theirs.querySelector('summary') : stop)?.focus();
    };
    const put = (fresh, isForced) => {
        if (!fresh.getElementById('thread')) return;
        putThread(fresh);
        putHead(fresh, isForced);
        notice();
        look();
    };

    /* One fetch of the parts at a time; what happens meanwhile leads to one more. */
    let isRunning = false;
    let again = false;
    const refresh = async () => {
        if (isOver) return;
        if (isRunning) return void (again = true);
        isRunning = true;
        try {
            const answer = await post('/part');
            if (answer.ok) put(parse(await answer.text()));
            else refreshLater();
            setOffline(!answer.ok && answer.status !== 429 && !isOver);
        } catch {
            setOffline(true);
            refreshLater();
        }
        isRunning = false;
        if (again) {
            again = false;
            setTimeout(refresh, 200);
        }
    };
    let later;
    const refreshLater = () => {
        clearTimeout(later);
        later = setTimeout(refresh, 4000);
    };
    const setOffline = (isOffline) => {
        here('offline').hidden = !isOffline;
    };

    /* The form. */
    let toldAt = 0;
    let idle;
    const kind = () => form.elements.kind.value;
    const tellTyping = (on) => post('/act', { do: `typing ${on}`, kind: kind() }).catch(() => {});
    const stopTyping = () => {
        clearTimeout(idle);
        if (toldAt) tellTyping('off');
        toldAt = 0;
    };
    const keepDraft = () => keep(DRAFT, content.value && JSON.stringify({ text: content.value, kind: kind() }));
    const setKind = () => {
        content.placeholder = composer.querySelector('[name=kind]:checked').dataset.placeholder;
    };
    let isSending = false;
    form.addEventListener('submit', async (event) => {
        const button = event.submitter;
        if (button?.formTarget === '_blank') return;
        event.preventDefault();
        if (isOver || isSending) return;
        const rest = button?.name ? new URL(button.formAction).pathname.split('/').pop() : 'messages';
        const isMessage = rest === 'messages';
        if (isMessage && !content.value.trim() && !form.elements.attachments.value) return content.focus();
        complain('');
        const said = content.value;
        isSending = true;
        form.classList.add('sending');
        let problem = isMessage ? dataset.failed : dataset.unavailable;
        try {
            const answer = await post(`/${rest}`, isMessage ? new FormData(form) : { [button.name]: button.value });
            const text = await answer.text();
            if (!answer.ok) problem = text || problem;
            else {
                problem = '';
                const fresh = parse(text);
                if (button?.name === 'before') putOlder(fresh);
                else if (button?.name === 'newest') {
                    here('thread').replaceWith(fresh.getElementById('thread'));
                    draw();
                } else {
                    if (isMessage) sent(said);
                    put(fresh, true);
                }
            }
            if (!answer.ok && !isOver) postToHost('error', { reason: WORDS[answer.status] ?? 'failed' });
        } catch {
            postToHost('error', { reason: 'failed' });
        }
        isSending = false;
        form.classList.remove('sending');
        complain(problem);
    });
    const sent = (said) => {
        stopTyping();
        // Text typed while the request was in flight is the next message.
        if (content.value === said) content.value = '';
        form.elements.attachments.value = '';
        form.elements.attachments.dispatchEvent(new Event('change'));
        keepDraft();
        here('messages').querySelector('.unread-line')?.remove();
        content.focus();
    };
    const putOlder = (fresh) => {
        const items = [...fresh.querySelectorAll('#messages > li[data-key]')];
        for (const item of items) setTimes(item);
        // Old messages are not announced.
        here('thread').ariaLive = 'off';
        setTimeout(() => (here('thread').ariaLive = null), 1000);
        here('messages').prepend(...items);
        const button = here('thread').querySelector('[name=before]');
        const more = fresh.querySelector('[name=before]');
        if (more) button.value = more.value;
        else {
            button.parentNode.remove();
            here('thread').focus();
        }
        setDays(here('messages'));
    };
    content.addEventListener('input', () => {
        keepDraft();
        clearTimeout(idle);
        if (!content.value) return stopTyping();
        idle = setTimeout(stopTyping, 5000);
        if (toldAt && performance.now() - toldAt < 3000) return;
        toldAt = performance.now();
        tellTyping('on');
    });
    form.addEventListener('change', ({ target }) => {
        if (target.name !== 'kind') return;
        stopTyping();
        setKind();
        keepDraft();
        content.focus();
    });
    form.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target === content) {
            event.preventDefault();
            form.requestSubmit(here('send'));
        } else if (event.key === 'Escape') closeMenu(true);
    });
    const closeMenu = (isFocused) => {
        const menu = document.querySelector('details[open]');
        if (!menu) return;
        menu.open = false;
        if (isFocused) menu.querySelector('summary').focus();
    };
    document.addEventListener('pointerdown', ({ target }) => target.closest('details') || closeMenu());
    for (const event of ['dragover', 'drop']) {
        form.addEventListener(event, (dropped) => {
            if (!dropped.dataTransfer.types.includes('Files')) return;
            dropped.preventDefault();
            if (event !== 'drop' || !dropped.dataTransfer.files.length) return;
            form.elements.attachments.files = dropped.dataTransfer.files;
            form.elements.attachments.dispatchEvent(new Event('change'));
        });
    }

    /* What others write. */
    const typing = new Map();
    const setTyping = () => {
        const line = here('typing');
        line.textContent = [...typing].map(([who, { isNote }]) => line.dataset[isNote ? 'note' : 'typing'].replace('{name}', () => who)).join(' ');
    };
    const hearTyping = (payload) => {
        const { as = {}, payload: isOn, private: isNote } = payload;
        if (String(as.user_id) === dataset.me) return;
        const who = [as.first_name, as.last_name].filter(Boolean).join(' ') || dataset.name;
        clearTimeout(typing.get(who)?.timer);
        typing.delete(who);
        // A typing agent who disconnects is removed after a while.
        if (isOn) typing.set(who, { isNote, timer: setTimeout(() => (typing.delete(who), setTyping()), 8000) });
        setTyping();
    };

    /* The page around, the clock on the wall, and the socket. */
    const draw = () => {
        setTimes(form);
        setDays(here('messages'));
    };
    const resize = () => {
        const [whole, thread, inside] = [form, here('thread'), here('thread-inside')].map((part) => part.getBoundingClientRect().height);
        const height = Math.ceil(whole - thread + inside);
        if (height !== resize.last) postToHost('resize', { height: (resize.last = height) });
    };
    try {
        const draft = JSON.parse(kept(DRAFT) ?? 'null');
        if (draft && !content.value) {
            content.value = draft.text;
            const chosen = composer.querySelector(`[name=kind][value=${draft.kind === 'note' ? 'note' : 'reply'}]:not(:disabled)`);
            if (chosen) chosen.checked = true;
            composer.hidden = false;
        }
    } catch {
        keep(DRAFT);
    }
    setKind();
    draw();
    here('keys').hidden = false;
    listFiles(form.elements.attachments, here('files'));
    for (const event of ['visibilitychange', 'focus']) addEventListener(event, look, true);
    addEventListener('pagehide', () => stopTyping());
    onHost({
        init: ({ languageCode }) => {
            if (typeof languageCode !== 'string' || languageCode === body.dataset.asked || !/^[\w-]{1,35}$/.test(languageCode)) return;
            form.enctype = 'application/x-www-form-urlencoded';
            form.action = `/inbox/embed/${conversation}/view?lang=${languageCode}`;
            form.submit();
        },
        open: ({ conversation_id: id }) => (id === conversation ? content.focus() : postToHost('error', { reason: 'not_found' })),
        focus: () => (composer.hidden ? here('join').querySelector('button') : content).focus(),
        logout: () => over('logout'),
    });
    postToHost('ready');
    postToHost('conversation_opened', { conversation_id: conversation });
    notice();
    // The embedding page may hide the window.
    new IntersectionObserver(([{ isIntersecting }]) => {
        isInView = isIntersecting;
        look();
    }).observe(form);
    new ResizeObserver(resize).observe(here('thread-inside'));
    new ResizeObserver(resize).observe(form);
    const ENDS = ['invalid_token', 'token_expired', 'invalid_scope', 'unauthorized', 'not_found'];
    const setLive = (isLive) => {
        body.dataset.live = isLive ? '1' : '';
        // Changes that were missed while disconnected.
        refresh();
    };
    const connection = connect({
        host: location.origin,
        access: () => ({ topic: `conversation:${conversation}`, credential: token }),
        onJoin: () => setLive(true),
        onRefused: (reason) => (ENDS.includes(reason) ? over(reason) : connection.retry()),
        onLost: () => setLive(false),
        onEvent: (event, payload) => {
            if (event === 'typing') hearTyping(payload);
            else if (!event.startsWith('presence_')) refresh();
        },
    });
    stop = connection.stop;
    // Without a socket, the window polls.
    setInterval(() => body.dataset.live || document.hidden || refresh(), 10000);
}
