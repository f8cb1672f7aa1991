// The tab "Messages" without leaving the document: its forms are posted, and the responses replace
// the notifications in the panel. It must not depend on the content; all text comes from the server
// as HTML. Without an event stream it polls while the tab is visible.
const html = document.documentElement
const { dataset } = html
const panel = document.getElementById('panel')
const isStandalone = !document.getElementById('wake')
const POLL_INTERVAL_MS = 15e3, TOKEN_TIMEOUT_MS = 20e3
const drafts = new Map()
let hiddenChildren, tabChildren, opener, bearer, submissions = 0, typingTimer, refreshTimer

const find = selector => panel.querySelector(selector)
const dispatch = (name, detail) => document.dispatchEvent(new CustomEvent('belfry:' + name, { detail }))
const isVisible = () => tabChildren && !document.hidden && 'open' in dataset
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
    }, TOKEN_TIMEOUT_MS)
    dispatch('say', { belfry: 'auth' })
})

const request = async (body, isRetry) => {
    body.set('part', 1)
    if (bearer) body.set('bearer', bearer)
    const answer = await fetch(dataset.base + '/conversations', { method: 'post', body: new URLSearchParams(body), headers: { 'x-belfry-reader': dataset.reader } })
    if (answer.status == 401 && !isRetry) {
        await renew()
        return request(body, true)
    }
    // The document belongs to a reader who is no longer signed in.
    if (answer.status == 409) dispatch('say', { belfry: 'embed' })
    if (!answer.ok) throw answer
    const page = document.createElement('template')
    page.innerHTML = await answer.text()
    return page.content
}

const draftKey = () => find('.write [name=conversation]')?.value || find('.write [name=of]')?.value || 'new'

const replaceContent = page => {
    if (!tabChildren) {
        hiddenChildren = [...panel.children].filter(child => !child.hidden)
        for (const child of hiddenChildren) child.hidden = true
    } else for (const child of tabChildren) child.remove()
    tabChildren = [...page.children]
    panel.append(...tabChildren)
    panel.setAttribute('aria-labelledby', 'messages-title')
    dataset.tab = ''
    const box = find('#write')
    if (box) box.value = drafts.get(draftKey()) || ''
    dispatch('answers', +find('.talk-head').dataset.unread)
}

const restore = () => {
    if (!hiddenChildren) return
    for (const child of tabChildren) child.remove()
    // The undo offer has expired by now.
    for (const child of hiddenChildren) child.hidden = child.id == 'undo'
    hiddenChildren = tabChildren = undefined
    delete dataset.tab
    panel.setAttribute('aria-labelledby', 'panel-title')
    if (!('open' in dataset)) return
    // The list is visible again.
    dispatch('opened')
    opener?.isConnected ? opener.focus() : panel.focus()
}

const showError = form => {
    const line = form.querySelector('.wrong') || document.getElementById('notice')
    if (!line) return
    line.textContent = form.dataset.failed || JSON.parse(dataset.texts || '{}').unavailable || ''
    line.hidden = false
}

export const submit = async (form, submitter) => {
    const body = new FormData(form)
    if (submitter?.name) body.set(submitter.name, submitter.value)
    const isSend = body.get('do') == 'send'
    if (isSend && (!body.get('content').trim() || 'busy' in form.dataset)) return
    if (!tabChildren) opener = submitter
    const submission = ++submissions
    const draft = isSend && draftKey()
    if (isSend) form.dataset.busy = ''
    panel.setAttribute('aria-busy', true)
    try {
        const page = await request(body)
        if (isSend) drafts.delete(draft)
        if (submission != submissions || !('open' in dataset)) return
        replaceContent(page)
        const box = find('#write')
        if (box && (isSend || byKeys.matches)) box.focus()
        else (find('#talk') || panel).focus()
    } catch {
        showError(form)
    } finally {
        delete form.dataset.busy
        panel.removeAttribute('aria-busy')
    }
}

// Fetches the current view again and keeps the text being written.
const refresh = async () => {
    const talk = find('#talk')
    const form = find('.write, .begin')
    if (!talk || 'past' in talk.dataset || !isVisible()) return
    const { conversation } = talk.dataset
    if (!conversation && form.matches('.write')) return
    const body = new FormData(form)
    for (const name of ['content', 'of', 'show']) body.delete(name)
    body.set('do', 'show')
    if (!conversation) body.set('show', 'list')
    const submission = submissions
    const page = await request(body).catch(() => {})
    if (!page || submission != submissions || !talk.isConnected) return
    const fresh = page.querySelector('#talk')
    const [down, focused] = [talk.scrollTop, talk.contains(document.activeElement)]
    talk.replaceWith(fresh)
    tabChildren = tabChildren.map(child => child == talk ? fresh : child)
    fresh.scrollTop = down
    if (focused) fresh.focus({ preventScroll: true })
    dispatch('answers', +page.querySelector('.talk-head').dataset.unread)
}

const scheduleRefresh = () => {
    clearTimeout(refreshTimer)
    refreshTimer = setTimeout(refresh, 100)
}

const showTyping = name => {
    const line = find('.typing')
    if (!line) return
    clearTimeout(typingTimer)
    line.textContent = name ? line.dataset.text.replace('{name}', name) : ''
    if (name) typingTimer = setTimeout(showTyping, 30e3)
}

document.addEventListener('belfry:line', ({ detail: { kind, data } }) => {
    const open = find('#talk')?.dataset.conversation
    if (kind != 'conversation' || !tabChildren || open && 'conversation' in data && data.conversation != open) return
    'typing' in data ? open && showTyping(data.typing) : scheduleRefresh()
})
document.addEventListener('visibilitychange', scheduleRefresh)
document.addEventListener('belfry:closed', restore)
setInterval(() => dataset.stream != 'open' && refresh(), POLL_INTERVAL_MS)

panel.addEventListener('click', event => {
    if (!hiddenChildren || !event.target.closest('[data-back]')) return
    event.preventDefault()
    restore()
})
panel.addEventListener('input', ({ target }) => target.id == 'write' && drafts.set(draftKey(), target.value))
panel.addEventListener('keydown', event => {
    const { target, key, shiftKey, isComposing } = event
    if (target.id != 'write' || key != 'Enter' || shiftKey || isComposing || !byKeys.matches) return
    event.preventDefault()
    target.form.requestSubmit(target.form.querySelector('.send'))
})

// A standalone page contains the tab from the beginning.
if (isStandalone) {
    tabChildren = [...panel.children]
    document.addEventListener('submit', event => {
        event.preventDefault()
        submit(event.target, event.submitter)
    })
}
