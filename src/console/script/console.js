// Progressive enhancement of the console's pages; every page works without it.
const own = document.currentScript;

// After a link on another site the browser held the session cookie back; navigating from here sends
// it.
if (document.querySelector('[data-go-on]')) {
    location.replace(location.pathname + (location.search ? `${location.search}&` : '?') + 'from=outside' + location.hash);
}

// Set-up and invitation codes are in the fragment, so that no server or proxy sees them.
const code = document.querySelector('[data-from-fragment]');
if (code && location.hash.length > 1) {
    code.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, '', location.pathname + location.search);
}

// Scrolls the current tab into view on narrow screens.
const tab = document.querySelector('.tabs [aria-current]');
if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft;

if (navigator.clipboard) {
    for (const button of document.querySelectorAll('[data-copy]')) {
        button.hidden = false;
        const text = button.textContent;
        button.addEventListener('click', async () => {
            const field = document.getElementById(button.dataset.copy);
            try {
                await navigator.clipboard.writeText(field.value);
                button.textContent = own.dataset.copied;
                setTimeout(() => (button.textContent = text), 2000);
            } catch {
                field.select();
            }
        });
    }
}

// Prevents double submission; the back button frees the form again.
document.addEventListener('submit', (event) => {
    // A form that targets a frame leaves the page as it is and may be sent again.
    if (event.defaultPrevented || event.target.target) return;
    if (event.target.dataset.sent) event.preventDefault();
    else if (event.target.method === 'post') event.target.dataset.sent = '1';
});
addEventListener('pageshow', () => {
    for (const form of document.forms) delete form.dataset.sent;
});

// Asks for confirmation: `data-ask` on a form.
document.addEventListener('submit', (event) => {
    const question = event.target.dataset.ask;
    if (question && !confirm(question)) {
        event.preventDefault();
        delete event.target.dataset.sent;
    }
});

// Closes the menu by Escape or a press elsewhere.
const menu = document.querySelector('details.menu');
if (menu) {
    addEventListener('keydown', (event) => {
        if (event.key === 'Escape' && menu.open) {
            menu.open = false;
            menu.firstElementChild.focus();
        }
    });
    addEventListener('pointerdown', (event) => {
        if (!menu.contains(event.target)) menu.open = false;
    });
}

// Picks the bell's place in a copy of a page. The copy has an opaque origin, so its window
// identifies it.
for (const part of document.querySelectorAll('[data-needs-script]')) part.hidden = false;
const picker = document.querySelector('iframe[name="picker"]');
if (picker) {
    const copied = document.querySelector('form[target="picker"]');
    copied.addEventListener('submit', () => (picker.hidden = false));
    if (copied.dataset.show) copied.requestSubmit();
    addEventListener('message', (event) => {
        if (event.source !== picker.contentWindow || event.data?.belfry !== 'picked') return;
        const field = document.getElementById('selector');
        field.value = String(event.data.selector).slice(0, 500);
        field.scrollIntoView({ block: 'center' });
        field.focus();
    });
}

// Accounts whose time zone is automatic see the times of their browser: the server reads its zone from this cookie.
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (/^[\w+/-]{1,60}$/.test(ownZone)) {
    const secure = location.protocol === 'https:' ? '; secure' : '';
    document.cookie = `belfry-time-zone=${ownZone}; path=/console; max-age=31536000; samesite=strict${secure}`;
}

// Offers the browser's time zone beside a select.
for (const button of document.querySelectorAll('[data-zone-of]')) {
    const select = document.getElementById(button.dataset.zoneOf);
    const option = [...select.options].find((each) => each.value === ownZone);
    if (!option) continue;
    button.append(' ', option.text);
    const offer = () => (button.hidden = select.value === ownZone);
    select.addEventListener('change', offer);
    button.addEventListener('click', () => {
        select.value = ownZone;
        offer();
        select.focus();
    });
    offer();
}

// Moves between the bars of a chart with the arrow keys; Tab reaches one of them.
for (const bars of document.querySelectorAll('[data-bars]')) {
    bars.addEventListener('keydown', (event) => {
        const forward = getComputedStyle(bars).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
        const back = forward === 'ArrowRight' ? 'ArrowLeft' : 'ArrowRight';
        const { nextElementSibling, previousElementSibling } = event.target;
        const to = { [forward]: nextElementSibling, [back]: previousElementSibling, Home: bars.firstElementChild, End: bars.lastElementChild }[event.key];
        if (!to) return;
        event.preventDefault();
        event.target.tabIndex = -1;
        to.tabIndex = 0;
        to.focus();
    });
}
