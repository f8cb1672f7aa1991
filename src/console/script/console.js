// What makes the console pleasanter where scripts run. Every page works without it.
const own = document.currentScript;

// A link on another site led here, so the browser kept its cookie back; asked from here, it brings it.
if (document.querySelector('[data-go-on]')) {
    location.replace(location.pathname + (location.search ? `${location.search}&` : '?') + 'from=outside' + location.hash);
}

// The set-up and invitation codes come behind the `#`, so that no server or proxy sees them in an address.
const code = document.querySelector('[data-from-fragment]');
if (code && location.hash.length > 1) {
    code.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, '', location.pathname + location.search);
}

// On a phone the tab that is shown may be beyond the edge.
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

// A form is sent once, however often its button is pressed; coming back by the back button frees it.
document.addEventListener('submit', (event) => {
    // One that fills a frame leaves this page as it is, and may be sent again.
    if (event.defaultPrevented || event.target.target) return;
    if (event.target.dataset.sent) event.preventDefault();
    else if (event.target.method === 'post') event.target.dataset.sent = '1';
});
addEventListener('pageshow', () => {
    for (const form of document.forms) delete form.dataset.sent;
});

// A question before what is hard to take back: `data-ask` on a form.
document.addEventListener('submit', (event) => {
    const question = event.target.dataset.ask;
    if (question && !confirm(question)) {
        event.preventDefault();
        delete event.target.dataset.sent;
    }
});

// One menu open at a time, closed by Escape and by a press elsewhere.
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

// The place for the bell, pointed at in a copy of a page. The copy has an origin of nobody, so it is known by its window.
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

// The time zone of this browser, one press away from where another is chosen.
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

// The arrow keys move between the bars of a chart, of which one can be reached by Tab.
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
