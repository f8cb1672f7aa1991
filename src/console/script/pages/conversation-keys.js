// Keyboard shortcuts of conversations, and the remembered list position.
if (document.querySelector('[data-talk] #talk-list')) {
    const rows = document.getElementById('talk-rows');
    const keys = document.getElementById('talk-keys');
    const links = () => [...rows.querySelectorAll('.talk-row a')];
    const list = `${location.pathname.replace(/\/\d+$/, '')}${location.search}`;
    const place = 'belfry conversations';

    const restored = JSON.parse(sessionStorage.getItem(place) ?? '{}');
    if (restored.list === list) rows.scrollTop = restored.scroll;
    const current = rows.querySelector('a[aria-current]');
    current?.scrollIntoView({ block: 'nearest' });
    if (restored.focus) current?.focus();
    let byKey = false;
    addEventListener('pagehide', () => sessionStorage.setItem(place, JSON.stringify({ list, scroll: rows.scrollTop, focus: byKey })));

    const step = (by) => {
        const all = links();
        const at = all.findIndex((link) => link === document.activeElement);
        const from = at < 0 ? all.findIndex((link) => link.ariaCurrent) : at;
        const next = all[from < 0 ? 0 : from + by];
        next?.focus();
        // With an open thread, moving opens the next one at once.
        if (next && document.getElementById('talk-head')) {
            byKey = true;
            next.click();
        }
    };
    const write = (kind) => {
        const radio = document.querySelector(`#talk-composer [name=kind][value=${kind}]:not(:disabled)`);
        if (!radio) return;
        radio.click();
        document.getElementById('talk-content').focus();
    };
    const press = (key) => document.querySelector(`#talk-head form[data-key=${key}] button`)?.click();
    const acts = {
        j: () => step(1),
        k: () => step(-1),
        r: () => write('reply'),
        n: () => write('note'),
        e: () => press('e'),
        a: () => press('a'),
        '/': () => document.querySelector('#talk-list [type=search]').focus(),
        '?': () => keys.showModal(),
    };
    addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector('dialog[open]')) return;
        const isField = event.target.closest?.('input:not([type=radio]), textarea, select');
        if (event.key === 'Escape') {
            for (const open of document.querySelectorAll('[data-popup][open]')) open.open = false;
            if (isField) event.target.blur();
            return;
        }
        if (isField || !Object.hasOwn(acts, event.key)) return;
        event.preventDefault();
        acts[event.key]();
    });
}
