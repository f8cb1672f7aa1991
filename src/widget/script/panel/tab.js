// The tab "Messages", if the site has it: its count and its button. Its behaviour (`messages.js`)
// and style are loaded when it is opened. It must not depend on the conversations, and needs no
// WebAssembly; without a stream the count is that of the document.
const { dataset } = document.documentElement
const [script, style] = (document.getElementById('wake').dataset.tab || '').split(' ')
const form = document.querySelector('form.tab')
let loaded, countTimer, shownUnread

const load = () => loaded ||= Promise.all([import(script), new Promise(done => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: style, onload: done, onerror: done })
    document.head.append(link)
})])

const show = unread => {
    const texts = JSON.parse(dataset.texts || '{}')
    const count = unread > 99 ? '99+' : unread
    const spokenText = texts['answers.' + new Intl.PluralRules(texts.tag).select(unread)]?.replace('{count}', count) || ''
    const [previousName, name] = [dataset.answersName || '', unread ? '; ' + spokenText : '']
    const hasNew = unread > shownUnread
    shownUnread = unread
    const number = form.querySelector('.count')
    number.hidden = !unread
    number.firstElementChild.textContent = count
    number.lastElementChild.textContent = spokenText
    const badge = document.querySelector('#answers b')
    if (badge) badge.textContent = unread ? count : ''
    if (previousName == name) return
    const bell = document.getElementById('bell')
    if (bell) bell.ariaLabel = bell.ariaLabel.slice(0, bell.ariaLabel.length - previousName.length) + name
    dataset.answersName = name
    if (hasNew) document.getElementById('announcement').textContent = spokenText
}

// Several answers at the same moment cause one request.
const requestCount = () => {
    clearTimeout(countTimer)
    countTimer = setTimeout(async () => {
        if (document.hidden) return countTimer = 0
        const body = new URLSearchParams(new FormData(form))
        body.set('do', 'count')
        const answer = await fetch(form.getAttribute('action'), { method: 'post', body, headers: { 'x-belfry-reader': dataset.reader } }).catch(() => {})
        if (answer?.ok) show((await answer.json()).unread)
    }, 200)
}

if (form) {
    shownUnread = +(form.querySelector('.count').firstElementChild.textContent.replace('+', ''))
    document.addEventListener('submit', event => {
        const { target, submitter } = event
        const action = submitter?.getAttribute('formaction') || target.getAttribute('action')
        if (!action?.endsWith('/conversations')) return
        event.preventDefault()
        load().then(([module]) => module.submit(target, submitter), () => {
            // The page has the same content.
            const query = new URLSearchParams(new FormData(target))
            query.delete('bearer')
            location.assign(`${dataset.base}/conversations?${query}`)
        })
    })
    document.addEventListener('belfry:line', ({ detail: { kind, data } }) => {
        if (kind != 'conversation') return
        if ('unread' in data) show(data.unread)
        else if (data.counts) requestCount()
    })
    document.addEventListener('visibilitychange', () => countTimer === 0 && requestCount())
    document.addEventListener('belfry:answers', ({ detail }) => show(detail))
}
