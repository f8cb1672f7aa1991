// Canned responses in the composer: `/` at the start of a word opens a list of matches.
const cannedList = document.getElementById('talk-canned');
if (cannedList) {
    const field = document.getElementById('talk-content');
    const said = document.getElementById('talk-canned-status');
    const options = () => [...cannedList.children];
    const isReply = () => field.form.elements.kind.value === 'reply';
    field.setAttribute('aria-autocomplete', 'list');
    field.setAttribute('aria-haspopup', 'listbox');

    // The search text between `/` and the caret. Escape dismisses this one.
    let dismissed;
    const sought = () => {
        if (field.selectionStart !== field.selectionEnd || !isReply()) return;
        const before = field.value.slice(0, field.selectionStart);
        const start = before.search(/(?<!\S)\/[^\s/]{0,50}$/u);
        if (start < 0) return void (dismissed = undefined);
        return start === dismissed ? undefined : { start, text: before.slice(start + 1) };
    };

    let chosen = -1;
    const choose = (at) => {
        const all = options();
        chosen = all.length ? (at + all.length) % all.length : -1;
        for (const [index, option] of all.entries()) option.ariaSelected = String(index === chosen);
        if (chosen < 0) return field.removeAttribute('aria-activedescendant');
        field.setAttribute('aria-activedescendant', all[chosen].id);
        all[chosen].scrollIntoView({ block: 'nearest' });
    };
    const close = () => {
        if (cannedList.hidden) return;
        cannedList.hidden = true;
        cannedList.replaceChildren();
        field.removeAttribute('aria-controls');
        said.textContent = '';
        choose(-1);
    };
    // Only the response to the last request counts.
    let asked = 0;
    let looking;
    const look = () => (looking = ask());
    const ask = async () => {
        const question = ++asked;
        const wanted = sought();
        if (!wanted) return close();
        const answer = await fetch(`${cannedList.dataset.options}?q=${encodeURIComponent(wanted.text)}`).catch(() => undefined);
        const html = answer?.ok && !answer.redirected ? await answer.text() : '';
        if (question !== asked) return;
        const fresh = new DOMParser().parseFromString(html, 'text/html').body.children;
        if (!fresh.length || document.activeElement !== field) return close();
        cannedList.replaceChildren(...fresh);
        cannedList.hidden = false;
        field.setAttribute('aria-controls', cannedList.id);
        said.textContent = said.dataset.found.replace('{count}', options().length);
        choose(0);
    };
    // Inserted like typed text, so that undo works and the draft is stored.
    const insert = (text, start) => {
        field.focus();
        field.setSelectionRange(start, field.selectionEnd);
        if (document.execCommand('insertText', false, text)) return;
        field.setRangeText(text, start, field.selectionEnd, 'end');
        field.dispatchEvent(new Event('input', { bubbles: true }));
    };
    const take = (option) => {
        const wanted = sought();
        close();
        if (wanted) insert(option.dataset.text, wanted.start);
    };
    // The list may be of an earlier search text. Then a response whose code begins with the present
    // one is the right one; for another, the response to the last request decides.
    let taking;
    const takeChosen = async (key) => {
        const code = options()[chosen]?.querySelector('b').textContent.toLowerCase();
        if (!code?.startsWith(sought()?.text.toLowerCase())) await looking;
        if (chosen >= 0) take(options()[chosen]);
        else if (key === 'Enter') insert('\n', field.selectionStart);
    };

    field.addEventListener('input', look);
    field.addEventListener('click', look);
    field.addEventListener('keyup', (event) => /^(Arrow(Left|Right)|Home|End)$/.test(event.key) && look());
    field.addEventListener('blur', close);
    field.form.addEventListener('change', look);
    // A message isn't sent before the selected response is in it.
    field.form.addEventListener('submit', (event) => {
        if (!taking) return close();
        event.preventDefault();
        event.stopImmediatePropagation();
        taking.then(() => field.form.requestSubmit(event.submitter));
    }, true);
    field.addEventListener('keydown', (event) => {
        if (cannedList.hidden || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
        if (event.key === 'ArrowDown') choose(chosen + 1);
        else if (event.key === 'ArrowUp') choose(chosen - 1);
        else if (event.key === 'Enter' || event.key === 'Tab') {
            const now = taking = takeChosen(event.key).finally(() => {
                if (taking === now) taking = undefined;
            });
        }
        else if (event.key === 'Escape') {
            dismissed = sought()?.start;
            close();
        } else return;
        event.preventDefault();
        event.stopPropagation();
    });
    // Keeps the focus in the composer.
    cannedList.addEventListener('pointerdown', (event) => event.preventDefault());
    cannedList.addEventListener('click', (event) => {
        const option = event.target.closest('[role=option]');
        if (option) take(option);
    });

    // The menu inserts at the caret, without a new page.
    field.form.addEventListener('click', (event) => {
        const button = event.target.closest('button[name=insert]');
        if (!button) return;
        event.preventDefault();
        button.closest('details').open = false;
        const start = field.selectionStart;
        const line = /\S$/u.test(field.value.slice(0, start)) ? '\n' : '';
        insert(line + button.dataset.text, start);
    });
}
