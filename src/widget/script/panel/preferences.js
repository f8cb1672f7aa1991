// What the reader wants to see, chosen without leaving the document: the form that a page of its own would show stands in the panel in
// place of the list. A page would be an entry of the browser's history, and in the way of whoever goes back to where they came from.
// It must not know what can be chosen. Where no WebAssembly is awake, which fetches the list anew, the form leads to the page.
const panel = document.getElementById('panel')
const { dataset } = document.documentElement
let aside, shown, opener

const send = (form, { name, value }) => {
    const body = new URLSearchParams(new FormData(form))
    body.append(name, value)
    return fetch(form.getAttribute('action'), { method: 'post', body, redirect: value == 'save' ? 'manual' : 'follow' })
}

// The form in place of the list, as it stands on the page.
const show = async answer => {
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('panel')
    const title = page.querySelector('#panel-title')
    title.id = 'preferences-title'
    aside = [...panel.children].filter(child => !child.hidden)
    shown = [...page.children]
    for (const child of aside) child.hidden = true
    panel.append(...shown)
    panel.setAttribute('aria-labelledby', title.id)
    panel.querySelector('.choices input:not([type=hidden])')?.focus()
}

const restore = () => {
    if (!shown) return
    for (const child of shown) child.remove()
    for (const child of aside) child.hidden = false
    shown = aside = undefined
    panel.setAttribute('aria-labelledby', 'panel-title')
    if ('open' in dataset) opener.focus()
}

document.addEventListener('submit', async event => {
    const { target: form, submitter } = event
    if (event.defaultPrevented || !('awake' in dataset) || !form.getAttribute('action').endsWith('/preferences') || 'refused' in form.dataset) return
    event.preventDefault()
    try {
        const answer = await send(form, submitter)
        if (answer.ok && submitter.value == 'show') {
            opener = submitter
            if (!shown) await show(answer)
        } else if (answer.type == 'opaqueredirect') {
            restore()
            document.dispatchEvent(new Event('belfry:chosen'))
        } else throw answer
    } catch {
        // The browser's own way shows what is wrong.
        form.dataset.refused = ''
        form.requestSubmit(submitter)
    }
})
document.addEventListener('belfry:closed', restore)
