// The segment form: hides fields that a condition does not need, and counts while typing.
const form = document.querySelector('form[data-segment]');
if (form) {
    const fit = () => {
        for (const row of form.querySelectorAll('.condition')) {
            const kind = row.querySelector('[data-kind]').value;
            const operator = row.querySelector('select[name$=".operator"]');
            row.querySelector('[data-for-kind]').hidden = kind !== 'attribute';
            operator.hidden = kind === 'language' || kind === 'contacts';
            const group = kind === 'attribute' ? 0 : 1;
            [...operator.querySelectorAll('optgroup')].forEach((options, index) => (options.hidden = options.disabled = index !== group));
            if (operator.selectedOptions[0]?.parentElement.disabled) operator.value = operator.querySelector('optgroup:not([disabled]) option').value;
            row.querySelector('.value').hidden = kind === 'attribute' && ['exists', 'missing'].includes(operator.value);
        }
    };
    let timer, pending;
    const count = () => {
        clearTimeout(timer);
        timer = setTimeout(async () => {
            pending?.abort();
            pending = new AbortController();
            try {
                const response = await fetch(form.dataset.segment, { method: 'POST', body: new FormData(form), signal: pending.signal });
                if (response.ok) form.querySelector('[data-reach]').textContent = (await response.json()).reach;
            } catch {
                // Superseded by a newer request, or offline: the button counts.
            }
        }, 400);
    };
    form.addEventListener('input', () => {
        fit();
        count();
    });
    form.querySelector('[data-count]').addEventListener('click', (event) => {
        event.preventDefault();
        count();
    });
    fit();
}
