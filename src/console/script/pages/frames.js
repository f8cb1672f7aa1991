// Preview frames, dropped files, and the live preview of the CSS editor. Every page works without
// it.

// Forms that target a frame may be sent repeatedly, and are sent once on load.
const show = (root) => {
    for (const form of root.querySelectorAll('form[data-show]')) form.submit();
};
document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.show !== undefined || form.dataset.again !== undefined) setTimeout(() => delete form.dataset.sent);
});
show(document);

// Dropped files are assigned to the file input.
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

// CSS is saved as a draft when typing pauses, and the diagnostics are shown; the text stays.
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
            // A concurrent change is not overwritten before it was shown; the button does that.
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
            // Offline: the button saves as well.
        }
    };
    text.addEventListener('input', () => {
        clearTimeout(timer);
        // Saves run in sequence, since each carries the revision of the one before.
        if (!overtaken) timer = setTimeout(() => (sending = sending.then(attempt)), 700);
    });
    // Tab moves the focus as everywhere; Ctrl+S saves.
    text.addEventListener('keydown', (event) => {
        if (event.key === 's' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            live.requestSubmit();
        }
    });
    // Waits for a running save, whose revision the form needs.
    let awaited = false;
    live.addEventListener('submit', (event) => {
        clearTimeout(timer);
        if (awaited) return;
        event.preventDefault();
        awaited = true;
        const hadConflict = overtaken;
        const saveFinished = Promise.race([sending, new Promise((late) => setTimeout(late, 3000))]);
        // A form that is being submitted is not submitted again within the event.
        saveFinished.then(() => {
            // A conflict that came up after the press has not been confirmed yet.
            if (overtaken && !hadConflict) awaited = false;
            else setTimeout(() => live.requestSubmit());
        });
    });
    addEventListener('pageshow', () => (awaited = false));
}
