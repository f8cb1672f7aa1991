// The tab "Messages" without leaving the document: its forms are posted, and the responses replace
// the notifications in the panel. It must not depend on the content; all text comes from the server
// as HTML. Without an event stream it polls while the tab is visible.
const html = document.documentElement
const { dataset } = html
const panel = document.getElementById('panel')
const stands = !document.getElementById('wake')
const poll = 15e3, patience = 20e3
const drafts = new Map()
let aside, shown, opener, bearer, turns = 0, quiet, waiting

const part = selector => panel.querySelector(selector)
const dispatch = (name, detail) => document.dispatchEvent(new CustomEvent('belfry:' + name, { detail }))
const isSeen = () => shown && !document.hidden && 'open' in dataset
// On devices without touch; there the text box may take the focus without an on-screen keyboard
// appearing.
const byKeys = matchMedia('(hover: hover)')

// The session has expired: the containing page provides a new token.
const renew = () => new Promise((done, fail) => {
    const exchange = async ({ detail }) => {
        const headers = { 'content-type': 'application/json', 'x-belfry-reader': dataset.reader }
        const answer = await fetch(dataset.base + '/session', { method: 'post', headers, body: JSON.stringify({ token: detail }) })
        if (!answer.ok) return fail(answer)
        bearer = (await answer.json()).bearer
        for (const field of document.querySelectorAll('[name=bearer]')) field.value = bearer
        done()
    }
    document.addEventListener('belfry:token', exchange, { once: true })
    setTimeout(() => {
        document.removeEventListener('belfry:token', exchange)
        fail()
    }, patience)
    dispatch('say', { belfry: 'auth' })
})

const ask = async (body, again) => {
    body.set('part', 1)
    if (bearer) body.set('bearer', bearer)
    const answer = await fetch(dataset.base + '/conversations', { method: 'post', body: new URLSearchParams(body), headers: { 'x-belfry-reader': dataset.reader } })
    if (answer.status == 401 && !again) {
        await renew()
        return ask(body, true)
    }
    // The document belongs to a reader who is no longer signed in.
    if (answer.status == 409) dispatch('say', { belfry: 'embed' })
    if (!answer.ok) throw answer
    const page = document.createElement('template')
    page.innerHTML = await answer.text()
    return page.content
}

const key = () => part('.write [name=conversation]')?.value || part('.write [name=of]')?.value || 'new'

const put = page => {
    if (!shown) {
        aside = [...panel.children].filter(child => !child.hidden)
        for (const child of aside) child.hidden = true
    } else for (const child of shown) child.remove()
    shown = [...page.children]
    panel.append(...shown)
    panel.setAttribute('aria-labelledby', 'messages-title')
    dataset.tab = ''
    const box = part('#write')
    if (box) box.value = drafts.get(key()) || ''
    dispatch('answers', +part('.talk-head').dataset.unread)
}

const restore = () => {
    if (!aside) return
    for (const child of shown) child.remove()
    // The undo offer has expired by now.
    for (const child of aside) child.hidden = child.id == 'undo'
    aside = shown = undefined
    delete dataset.tab
    panel.setAttribute('aria-labelledby', 'panel-title')
    if (!('open' in dataset)) return
    // The list is visible again.
    dispatch('opened')
    opener?.isConnected ? opener.focus() : panel.focus()
}

const wrong = form => {
    const line = form.querySelector('.wrong') || document.getElementById('notice')
    if (!line) return
    line.textContent = form.dataset.failed || JSON.parse(dataset.texts || '{}').unavailable || ''
    line.hidden = false
}

export const submit = async (form, submitter) => {
    const body = new FormData(form)
    if (submitter?.name) body.set(submitter.name, submitter.value)
    const sends = body.get('do') == 'send'
    if (sends && (!body.get('content').trim() || 'busy' in form.dataset)) return
    if (!shown) opener = submitter
    const turn = ++turns
    const draft = sends && key()
    if (sends) form.dataset.busy = ''
    panel.setAttribute('aria-busy', true)
    try {
        const page = await ask(body)
        if (sends) drafts.delete(draft)
        if (turn != turns || !('open' in dataset)) return
        put(page)
        const box = part('#write')
        if (box && (sends || byKeys.matches)) box.focus()
        else (part('#talk') || panel).focus()
    } catch {
        wrong(form)
    } finally {
        delete form.dataset.busy
        panel.removeAttribute('aria-busy')
    }
}

// Fetches the current view again and keeps the text being written.
const refresh = async () => {
    const talk = part('#talk')
    const form = part('.write, .begin')
    if (!talk || 'past' in talk.dataset || !isSeen()) return
    const { conversation } = talk.dataset
    if (!conversation && form.matches('.write')) return
    const body = new FormData(form)
    for (const name of ['content', 'of', 'show']) body.delete(name)
    body.set('do', 'show')
    if (!conversation) body.set('show', 'list')
    const turn = turns
    const page = await ask(body).catch(() => {})
    if (!page || turn != turns || !talk.isConnected) return
    const fresh = page.querySelector('#talk')
    const [down, focused] = [talk.scrollTop, talk.contains(document.activeElement)]
    talk.replaceWith(fresh)
    shown = shown.map(child => child == talk ? fresh : child)
    fresh.scrollTop = down
    if (focused) fresh.focus({ preventScroll: true })
    dispatch('answers', +page.querySelector('.talk-head').dataset.unread)
}

const soon = () => {
    clearTimeout(waiting)
    waiting = setTimeout(refresh, 100)
}

const write = name => {
    const line = part('.typing')
    if (!line) return
    clearTimeout(quiet)
    line.textContent = name ? line.dataset.text.replace('{name}', name) : ''
    if (name) quiet = setTimeout(write, 30e3)
}

document.addEventListener('belfry:line', ({ detail: { kind, data } }) => {
    const open = part('#talk')?.dataset.conversation
    if (kind != 'conversation' || !shown || open && 'conversation' in data && data.conversation != open) return
    'typing' in data ? open && write(data.typing) : soon()
})
document.addEventListener('visibilitychange', soon)
document.addEventListener('belfry:closed', restore)
setInterval(() => dataset.stream != 'open' && refresh(), poll)

panel.addEventListener('click', event => {
    if (!aside || !event.target.closest('[data-back]')) return
    event.preventDefault()
    restore()
})
panel.addEventListener('input', ({ target }) => target.id == 'write' && drafts.set(key(), target.value))
panel.addEventListener('keydown', event => {
    const { target, key, shiftKey, isComposing } = event
    if (target.id != 'write' || key != 'Enter' || shiftKey || isComposing || !byKeys.matches) return
    event.preventDefault()
    target.form.requestSubmit(target.form.querySelector('.send'))
})

// A standalone page contains the tab from the beginning.
if (stands) {
    shown = [...panel.children]
    document.addEventListener('submit', event => {
        event.preventDefault()
        submit(event.target, event.submitter)
    })
}
