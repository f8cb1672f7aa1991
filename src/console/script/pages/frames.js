// Frames with the widget in them, files that are dropped, and rules that are tried as they are typed. Every page works without.

// A form that fills a frame may be sent as often as one likes, and once by itself.
const show = (root) => {
    for (const form of root.querySelectorAll('form[data-show]')) form.submit();
};
document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.show !== undefined || form.dataset.again !== undefined) setTimeout(() => delete form.dataset.sent);
});
show(document);

// A file that is dropped is chosen.
for (const place of document.querySelectorAll('[data-drop]')) {
    const input = place.querySelector('input[type=file]');
    const hint = place.querySelector('[data-drop-hint]');
    if (hint) hint.hidden = false;
    const over = (event) => {
        event.preventDefault();
        place.classList.add('over');
    };
    place.addEventListener('dragenter', over);
    place.addEventListener('dragover', over);
    place.addEventListener('dragleave', (event) => {
        if (!place.contains(event.relatedTarget)) place.classList.remove('over');
    });
    place.addEventListener('drop', (event) => {
        event.preventDefault();
        place.classList.remove('over');
        if (!event.dataTransfer.files.length) return;
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
    });
}

// Rules are kept as a draft when one pauses, and what is said of them is shown beside; what is typed stays where it is.
const live = document.querySelector('form[data-live]');
if (live) {
    const text = live.querySelector('textarea');
    live.querySelector('[data-live-hint]').hidden = false;
    let timer;
    let sending = Promise.resolve();
    let overtaken = false;
    const attempt = async () => {
        const body = new URLSearchParams(new FormData(live));
        body.set('live', '1');
        try {
            const answer = await fetch(live.action, { method: 'POST', body });
            // What somebody else saved meanwhile is not written over before its writer was shown it: the button does that, and says so.
            overtaken = answer.status === 409;
            if (!answer.ok && answer.status !== 422 && !overtaken) return;
            const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
            const part = page.getElementById(live.dataset.live);
            if (!part) return;
            document.getElementById(live.dataset.live).replaceWith(part);
            const now = page.querySelector('form[data-live]');
            for (const name of ['from', 'former']) live.elements[name].value = now.elements[name].value;
            live.querySelector('.actions button').textContent = now.querySelector('.actions button').textContent;
            show(part);
        } catch {
            // Without a connection nothing is lost: the button saves as well.
        }
    };
    text.addEventListener('input', () => {
        clearTimeout(timer);
        // One after the other: each brings what the one before it saved.
        if (!overtaken) timer = setTimeout(() => (sending = sending.then(attempt)), 700);
    });
    // Tab goes on to the next control, as everywhere; Ctrl+S saves.
    text.addEventListener('keydown', (event) => {
        if (event.key === 's' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            live.requestSubmit();
        }
    });
    // What is still being kept comes first, or the form would be about what was there before it.
    let awaited = false;
    live.addEventListener('submit', (event) => {
        clearTimeout(timer);
        if (awaited) return;
        event.preventDefault();
        awaited = true;
        const told = overtaken;
        const kept = Promise.race([sending, new Promise((late) => setTimeout(late, 3000))]);
        // Not within this event: a form that is being submitted is not submitted again.
        kept.then(() => {
            // Told of a change only since the button was pressed: nobody has said yet that it is to be written over.
            if (overtaken && !told) awaited = false;
            else setTimeout(() => live.requestSubmit());
        });
    });
    addEventListener('pageshow', () => (awaited = false));
}
