// The frame script: opens and closes the inbox inside the iframe and communicates with the loader
// around it, before and without WebAssembly. It must not depend on messages: islands and scripts
// communicate with it by events on the document.
(() => {
const html = document.documentElement
const { dataset, style } = html
const origins = (dataset.origins || '').split(' ')
const isEmpty = 'shell' in dataset || 'fault' in dataset
// A standalone inbox: always open, and without a bell.
const isStandalone = 'view' in dataset && !isEmpty
const byId = id => document.getElementById(id)
const dispatch = (name, detail) => document.dispatchEvent(new CustomEvent('belfry:' + name, { detail }))
let hostOrigin, isOpen = false, hadFocus, openOnConnect, placement, layoutTimer, hasMetHost
// The inbox's script precedes its panel in the document; code that needs the panel waits for the
// end of parsing.
const parsed = new Promise(done => byId('bell') && !byId('panel') ? document.addEventListener('belfry:parsed', done) : done())

const postToHost = (belfry, more) => hostOrigin && parent.postMessage({ belfry, ...more }, hostOrigin)

// The page's colours around the bell: passed in the frame's name before the first paint, and sent
// by the loader when they change.
const applyColours = appearance => {
    const [textColour, backgrounds, scheme] = appearance.split('|')
    if (!scheme) return
    style.colorScheme = scheme
    style.setProperty('--ink', textColour)
    // The first colour, from the inside out, that is mostly opaque.
    style.setProperty('--ground', backgrounds.split(';').find(colour => colour && !/a.*, 0(\.[0-4]\d*)?\)/.test(colour)) || 'Canvas')
}

const show = (open, focus) => {
    const bell = byId('bell')
    const panel = byId('panel')
    if (!panel || isStandalone && !open) return
    if (isOpen != open) {
        isOpen = open
        html.toggleAttribute('data-open', open)
        bell?.setAttribute('aria-expanded', open)
        panel.hidden = panel.inert = !open
        // Undoes the hidden layout of `prepare.js`.
        panel.style.visibility = ''
        dispatch(open ? 'opened' : 'closed')
    }
    if (focus) (open ? panel : bell).focus({ preventScroll: true })
}

const requestOpen = open => {
    if (hostOrigin) postToHost('toggle', { open })
    else if ('standalone' in dataset) show(open, true)
    else openOnConnect = open
}

const layout = () => {
    const { open, focus, sheet, down, x, y, width, height } = placement
    layoutTimer = clearTimeout(layoutTimer)
    html.toggleAttribute('data-sheet', !!sheet)
    if (open) {
        const [left, top, across, deep] = sheet ? [0, height * .15, width, height * .85] : [24, down ? 72 : 24, 400, height - 96]
        const values = { 'bell-x': x, 'bell-y': y, 'panel-x': left, 'panel-y': top, 'panel-width': across, 'panel-height': deep }
        for (const name in values) style.setProperty('--' + name, values[name] + 'px')
    }
    show(!!open, focus && !(open && hadFocus))
    hadFocus = open && (hadFocus || focus)
}

const onMessage = {
    async host({ look: appearance, place: placement }) {
        dataset.host = ''
        delete dataset.standalone
        applyColours(appearance)
        const first = !hasMetHost
        hasMetHost = true
        if (isEmpty) return first && postToHost('auth', { blank: isEmpty })
        await parsed
        if (placement) onMessage.place(placement)
        postToHost('ready')
        if (first) {
            postToHost('unread', { unread: +dataset.unread, unseen: +dataset.unseen })
            requestAnimationFrame(() => setTimeout(postToHost, 0, 'drawn'))
        }
        if (openOnConnect) requestOpen(true)
        openOnConnect = false
    },
    // When the size changes, the new layout is applied after the resize, so that the bell does not
    // jump.
    place(message) {
        placement = message
        if (!!placement.open == innerWidth > 40) layout()
        else layoutTimer ||= setTimeout(layout, 100)
    },
    token({ belfry, ...fields }) {
        if (!isEmpty) return dispatch('token', fields.token)
        const form = Object.assign(document.createElement('form'), { method: 'post', action: (dataset.base || location.pathname) + (dataset.view ? '?view=' + dataset.view : '') })
        for (const name in fields) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value: fields[name] }))
        document.body.append(form)
        form.submit()
    }
}

// Announces this document to the containing page if that is one of the site's. If the browser does
// not say which it is, the frame's name does: a message to another origin than the page's would be
// logged as an error in its console.
const sendHello = () => {
    const hostCandidate = location.ancestorOrigins?.[0] || name.split('|')[3]
    for (const origin of origins) if (origin && hostCandidate == origin) parent.postMessage({ belfry: 'hello', title: !isEmpty && document.title }, origin)
}

const goStandalone = () => {
    if (hostOrigin) return
    dataset.standalone = ''
    if (openOnConnect || isStandalone) show(true, openOnConnect)
}

applyColours(name)
if (parent == window || isStandalone) parsed.then(goStandalone)
else {
    addEventListener('message', ({ data, source, origin }) => {
        if (source != parent || !origins.includes(origin)) return
        if (data?.belfry == 'host') hostOrigin = origin
        if (hostOrigin == origin) onMessage[data?.belfry]?.(data)
    })
    addEventListener('resize', () => layoutTimer && layout())
    addEventListener('load', () => setTimeout(goStandalone, 1e3))
    matchMedia('(prefers-color-scheme:dark)').addEventListener('change', sendHello)
    if (byId('bell')) sendHello()
    else addEventListener('DOMContentLoaded', sendHello)
}

document.addEventListener('belfry:say', ({ detail }) => postToHost('', detail))
document.addEventListener('keydown', event => {
    if (event.key == 'Escape' && isOpen && !event.defaultPrevented) requestOpen(false)
})
// A link within the site leads to the origin of the containing page, which may be another than the
// first of the site's.
const useHostOrigin = ({ target }) => {
    const link = target.closest('a[data-own]')
    if (link && hostOrigin) link.href = hostOrigin + link.pathname + link.search + link.hash
}
document.addEventListener('pointerdown', useHostOrigin)
document.addEventListener('click', event => {
    useHostOrigin(event)
    const { target } = event
    if (target.closest('#bell')) requestOpen(!isOpen)
    else if (target.closest('[data-close]') || isOpen && (target == html || target == document.body)) requestOpen(false)
    const link = target.closest('.item a[href]')
    if (!hostOrigin || !/^http/.test(link?.href) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    postToHost('click', { href: link.href, id: link.closest('.item').dataset.id, target: link.target == '_blank' && '_blank' })
})
})()
