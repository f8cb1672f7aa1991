// The preferences without leaving the document: the form of the preferences page replaces the list
// in the panel. A page would add an entry to the browser's history, which gets in the way of the
// back button. It must not depend on the available choices. Without WebAssembly, which fetches the
// list again, the form leads to the page.
const panel = document.getElementById('panel')
const { dataset } = document.documentElement
let hiddenChildren, formChildren, opener

const send = (form, { name, value }) => {
    const body = new URLSearchParams(new FormData(form))
    body.append(name, value)
    return fetch(form.getAttribute('action'), { method: 'post', body, redirect: value == 'save' ? 'manual' : 'follow' })
}

// Shows the form in place of the list, as it is on the page.
const show = async answer => {
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('panel')
    const title = page.querySelector('#panel-title')
    title.id = 'preferences-title'
    hiddenChildren = [...panel.children].filter(child => !child.hidden)
    formChildren = [...page.children]
    for (const child of hiddenChildren) child.hidden = true
    panel.append(...formChildren)
    panel.setAttribute('aria-labelledby', title.id)
    panel.querySelector('.choices input:not([type=hidden])')?.focus()
}

const restore = () => {
    if (!formChildren) return
    for (const child of formChildren) child.remove()
    for (const child of hiddenChildren) child.hidden = false
    formChildren = hiddenChildren = undefined
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
            if (!formChildren) await show(answer)
        } else if (answer.type == 'opaqueredirect') {
            restore()
            document.dispatchEvent(new Event('belfry:chosen'))
        } else throw answer
    } catch {
        // The normal submission shows the error.
        form.dataset.refused = ''
        form.requestSubmit(submitter)
    }
})
document.addEventListener('belfry:closed', restore)
