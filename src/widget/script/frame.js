// The frame script: opens and closes the inbox inside the iframe and communicates with the loader
// around it, before and without WebAssembly. It must not depend on messages: islands and scripts
// communicate with it by events on the document.
(() => {
const html = document.documentElement
const { dataset, style } = html
const origins = (dataset.origins || '').split(' ')
const blank = 'shell' in dataset || 'fault' in dataset
// A standalone inbox: always open, and without a bell.
const alone = 'view' in dataset && !blank
const find = id => document.getElementById(id)
const tell = (name, detail) => document.dispatchEvent(new CustomEvent('belfry:' + name, { detail }))
let host, opened = false, focused, eager, place, waiting, met
// The inbox's script precedes its panel in the document; code that needs the panel waits for the
// end of parsing.
const parsed = new Promise(done => find('bell') && !find('panel') ? document.addEventListener('belfry:parsed', done) : done())

const say = (belfry, more) => host && parent.postMessage({ belfry, ...more }, host)

// The page's colours around the bell: passed in the frame's name before the first paint, and sent
// by the loader when they change.
const paint = look => {
    const [ink, ground, scheme] = look.split('|')
    if (!scheme) return
    style.colorScheme = scheme
    style.setProperty('--ink', ink)
    // The first colour, from the inside out, that is mostly opaque.
    style.setProperty('--ground', ground.split(';').find(colour => colour && !/a.*, 0(\.[0-4]\d*)?\)/.test(colour)) || 'Canvas')
}

const show = (open, focus) => {
    const bell = find('bell')
    const panel = find('panel')
    if (!panel || alone && !open) return
    if (opened != open) {
        opened = open
        html.toggleAttribute('data-open', open)
        bell?.setAttribute('aria-expanded', open)
        panel.hidden = panel.inert = !open
        // Undoes the hidden layout of `prepare.js`.
        panel.style.visibility = ''
        tell(open ? 'opened' : 'closed')
    }
    if (focus) (open ? panel : bell).focus({ preventScroll: true })
}

const ask = open => {
    if (host) say('toggle', { open })
    else if ('standalone' in dataset) show(open, true)
    else eager = open
}

const layout = () => {
    const { open, focus, sheet, down, x, y, width, height } = place
    waiting = clearTimeout(waiting)
    html.toggleAttribute('data-sheet', !!sheet)
    if (open) {
        const [left, top, across, deep] = sheet ? [0, height * .15, width, height * .85] : [24, down ? 72 : 24, 400, height - 96]
        const values = { 'bell-x': x, 'bell-y': y, 'panel-x': left, 'panel-y': top, 'panel-width': across, 'panel-height': deep }
        for (const name in values) style.setProperty('--' + name, values[name] + 'px')
    }
    show(!!open, focus && !(open && focused))
    focused = open && (focused || focus)
}

const hear = {
    async host({ look, place }) {
        dataset.host = ''
        delete dataset.standalone
        paint(look)
        const first = !met
        met = true
        if (blank) return first && say('auth', { blank })
        await parsed
        if (place) hear.place(place)
        say('ready')
        if (first) {
            say('unread', { unread: +dataset.unread, unseen: +dataset.unseen })
            requestAnimationFrame(() => setTimeout(say, 0, 'drawn'))
        }
        if (eager) ask(true)
        eager = false
    },
    // When the size changes, the new layout is applied after the resize, so that the bell does not
    // jump.
    place(message) {
        place = message
        if (!!place.open == innerWidth > 40) layout()
        else waiting ||= setTimeout(layout, 100)
    },
    token({ belfry, ...fields }) {
        if (!blank) return tell('token', fields.token)
        const form = Object.assign(document.createElement('form'), { method: 'post', action: (dataset.base || location.pathname) + (dataset.view ? '?view=' + dataset.view : '') })
        for (const name in fields) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value: fields[name] }))
        document.body.append(form)
        form.submit()
    }
}

// Announces this document to the containing page if that is one of the site's. If the browser does
// not say which it is, the frame's name does: a message to another origin than the page's would be
// logged as an error in its console.
const hello = () => {
    const around = location.ancestorOrigins?.[0] || name.split('|')[3]
    for (const origin of origins) if (origin && around == origin) parent.postMessage({ belfry: 'hello', title: !blank && document.title }, origin)
}

const settle = () => {
    if (host) return
    dataset.standalone = ''
    if (eager || alone) show(true, eager)
}

paint(name)
if (parent == window || alone) parsed.then(settle)
else {
    addEventListener('message', ({ data, source, origin }) => {
        if (source != parent || !origins.includes(origin)) return
        if (data?.belfry == 'host') host = origin
        if (host == origin) hear[data?.belfry]?.(data)
    })
    addEventListener('resize', () => waiting && layout())
    addEventListener('load', () => setTimeout(settle, 1e3))
    matchMedia('(prefers-color-scheme:dark)').addEventListener('change', hello)
    if (find('bell')) hello()
    else addEventListener('DOMContentLoaded', hello)
}

document.addEventListener('belfry:say', ({ detail }) => say('', detail))
document.addEventListener('keydown', event => {
    if (event.key == 'Escape' && opened && !event.defaultPrevented) ask(false)
})
// A link within the site leads to the origin of the containing page, which may be another than the
// first of the site's.
const home = ({ target }) => {
    const link = target.closest('a[data-own]')
    if (link && host) link.href = host + link.pathname + link.search + link.hash
}
document.addEventListener('pointerdown', home)
document.addEventListener('click', event => {
    home(event)
    const { target } = event
    if (target.closest('#bell')) ask(!opened)
    else if (target.closest('[data-close]') || opened && (target == html || target == document.body)) ask(false)
    const link = target.closest('.item a[href]')
    if (!host || !/^http/.test(link?.href) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    say('click', { href: link.href, id: link.closest('.item').dataset.id, target: link.target == '_blank' && '_blank' })
})
})()
