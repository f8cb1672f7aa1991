// The message editor: a live preview and count, and a toolbar for Markdown.
// Everything here is also done by the buttons of the form.
const form = document.getElementById('compose');
const debounce = (wait, act) => {
    let timer;
    return () => {
        clearTimeout(timer);
        timer = setTimeout(act, wait);
    };
};

// Shows the preview on load, and again in another language or colour scheme.
const preview = document.querySelector('form[data-preview]');
if (preview) {
    preview.elements.scheme.value = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    const show = () => {
        if (preview.elements.secret.value) preview.submit();
    };
    preview.addEventListener('change', show);
    preview.querySelector('button').hidden = true;
    show();
}

const undo = document.querySelector('form[data-left]');
if (undo) {
    const end = performance.now() + Number(undo.dataset.left);
    const seconds = undo.querySelector('[data-seconds]');
    const count = () => (seconds.textContent = Math.max(0, Math.ceil((end - performance.now()) / 1000)));
    count();
    setInterval(count, 250);
}

if (form) {
    const pictures = (data) => [...data].filter(([, value]) => value instanceof File).forEach(([name]) => data.delete(name));
    const previewedFields = () => {
        const data = new FormData(form);
        pictures(data);
        return new URLSearchParams([...data].filter(([name]) => /^(content\.|category|pinned|as$)/.test(name))).toString();
    };
    let shown = previewedFields();
    let pending;
    const check = async (count) => {
        pending?.abort();
        pending = new AbortController();
        const data = new FormData(form);
        pictures(data);
        if (count) data.set('count', '1');
        const now = previewedFields();
        try {
            const response = await fetch(form.dataset.compose, { method: 'POST', body: data, signal: pending.signal });
            if (!response.ok) return;
            const answer = await response.json();
            if (answer.reach !== null) form.querySelector('[data-reach]').textContent = answer.reach;
            document.querySelector('[data-persona]').textContent = answer.note;
            if (answer.secret && (now !== shown || preview.hidden)) {
                shown = now;
                preview.hidden = false;
                preview.elements.secret.value = answer.secret;
                preview.submit();
                const text = document.querySelector('[data-preview-text]');
                text.textContent = text.dataset.previewText;
            }
        } catch {
            // Superseded by a newer request, or offline: the buttons do the same.
        }
    };
    const look = debounce(500, () => previewedFields() !== shown && check(false));
    const count = debounce(400, () => check(true));
    const choose = () => {
        const chosen = form.elements.audience?.value;
        for (const part of form.querySelectorAll('[data-for-audience]')) part.hidden = part.dataset.forAudience !== chosen;
    };
    const ofAudience = new Set(['audience', 'segment', 'contacts']);
    form.addEventListener('input', (event) => {
        if (ofAudience.has(event.target.name)) {
            choose();
            count();
        } else look();
        const language = event.target.closest('[data-language]')?.dataset.language;
        if (language && preview.elements.language.value !== language) preview.elements.language.value = language;
    });
    const persona = document.getElementById('as');
    persona.addEventListener('input', look);
    persona.addEventListener('keydown', (event) => {
        // Enter would press the form's first button.
        if (event.key !== 'Enter') return;
        event.preventDefault();
        check(false);
    });
    for (const button of document.querySelectorAll('[data-count], [data-refresh]')) {
        button.addEventListener('click', (event) => {
            event.preventDefault();
            if (button.dataset.refresh) shown = '';
            check(Boolean(button.dataset.count));
        });
    }
    choose();
    if (form.elements.audience) check(true);

    // The toolbar.
    const put = (area, before, after, empty) => {
        const { selectionStart: start, selectionEnd: end, value } = area;
        const inside = value.slice(start, end) || empty;
        area.setRangeText(before + inside + after, start, end, 'end');
        area.setSelectionRange(start + before.length, start + before.length + inside.length);
        area.focus();
        area.dispatchEvent(new Event('input', { bubbles: true }));
    };
    const list = (area) => {
        const start = area.value.lastIndexOf('\n', area.selectionStart - 1) + 1;
        const lines = area.value.slice(start, area.selectionEnd).split('\n');
        area.setRangeText(lines.map((line) => `- ${line}`).join('\n'), start, area.selectionEnd, 'end');
        area.focus();
        area.dispatchEvent(new Event('input', { bubbles: true }));
    };
    const tools = [
        ['B', 'bold', 'b', (area) => put(area, '**', '**', form.dataset.bold)],
        ['I', 'italic', 'i', (area) => put(area, '*', '*', form.dataset.italic)],
        ['↗', 'link', 'k', (area) => put(area, '[', '](https://)', form.dataset.link)],
        ['•', 'list', '', list],
    ];
    for (const area of form.querySelectorAll('textarea[data-markdown]')) {
        const bar = document.createElement('div');
        bar.className = 'toolbar';
        bar.setAttribute('role', 'group');
        for (const [sign, name, key, act] of tools) {
            const button = document.createElement('button');
            button.type = 'button';
            button.className = `tool ${name}`;
            button.textContent = sign;
            button.title = form.dataset[name] + (key && ` (Ctrl+${key.toUpperCase()})`);
            button.setAttribute('aria-label', form.dataset[name]);
            button.addEventListener('click', () => act(area));
            bar.append(button);
        }
        area.before(bar);
        area.addEventListener('keydown', (event) => {
            const tool = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && tools.find(([, , key]) => key && key === event.key);
            if (tool) {
                event.preventDefault();
                tool[3](area);
            }
        });
    }
}
