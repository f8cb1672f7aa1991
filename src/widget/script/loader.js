// The loader: runs on the site's page, puts the bell where the site wants it and lets its iframe grow when it is opened.
// It must not know what is in the inbox, must never throw into the page, and leaves nothing there but `eS`.
// Every page view pays for each byte: the build minifies it, and nothing here is said twice. The block keeps its names private.
try {
const config = CONFIG
const { origin, site } = config
const url = origin + '/embed/' + site
const warn = reason => console.warn('Belfry:', reason)
const guard = work => value => {
    try {
        return work(value)
    } catch (error) {
        warn(error)
    }
}
const sleep = (delay, value) => new Promise(resolve => setTimeout(resolve, delay, value))
const emit = (name, detail) => dispatchEvent(new CustomEvent('belfry:' + name, { detail: { site, ...detail }, cancelable: true }))
// 2, 4, 8 … 60 seconds, spread so that many pages do not come back at the same moment.
const backoff = turn => Math.min(60e3, 1e3 * 2 ** turn) * (1 + Math.random() / 4)
const make = (name, values) => Object.assign(document.createElement(name), values)
// `all` first and `!important` everywhere: the page's rules for its own iframes must not reach this one.
const dress = (node, css) => node.style.cssText = ('all:initial;pointer-events:inherit;visibility:inherit;' + css).replace(/;/g, '!important;')

let options, language, limit, queued
let token, unused, asking, waiting, turns, asked
let anchor, holder = 0, early, frame, inside = 0, settled = 0
let timer, attempts = 0, blocked, ready, shown
let wanted, opened, box, base, previous, ink, ground, scheme, look

const post = (belfry, more) => inside.postMessage({ belfry, ...more }, origin)

const expect = (work, delay, value) => {
    clearTimeout(timer)
    timer = setTimeout(guard(work), delay, value)
}

const take = value => {
    if (value && !value.trim) throw 'token must be a string'
    token = value
}

// One call of the site's callback for all who wait. The growing distance also keeps it to five in a minute.
const ask = async () => {
    if (asking) return
    // Another, or none, when the answer comes: it belongs to the past.
    const mine = asking = {}
    try {
        if (Date.now() - asked > 60e3) turns = 0
        await sleep(turns && asked + backoff(turns) - Date.now())
        if (mine != asking) return
        turns++
        asked = Date.now()
        const text = await Promise.race([options.getAuthTokenCallback(), sleep(30e3, 1)])
        if (mine != asking) return
        take(text)
        asking = false
        unused = true
        // No text: the site knows no reader, so there is no bell.
        token ? waiting ? hand() : tick() : drop()
    } catch (error) {
        if (mine != asking) return
        warn(error)
        asking = false
        ask()
    }
}

// Whoever came by a link to a theme that is not in force yet has it in the address.
const fields = () => ({ token, language, scheme, preview: location.hash.split('belfry-preview=')[1] || '' })

const hand = () => {
    waiting = unused = false
    post('token', fields())
    if (!ready) expect(retry, 15e3)
}

const hide = () => {
    close()
    ready = shown = false
    fit()
}

const retry = () => {
    hide()
    expect(mount, backoff(++attempts))
}

const drop = () => {
    clearTimeout(timer)
    close()
    if (holder) holder.remove()
    holder = frame = inside = ready = waiting = 0
}

const stop = () => {
    asking = token = wanted = ''
    observer.disconnect()
    drop()
}

const begin = () => {
    asked = 0
    limit = Date.now() + 60e3
    token ? tick() : ask()
}

const soon = () => queued ||= requestAnimationFrame(tick)
const observer = new MutationObserver(soon)
const watch = root => {
    observer.observe(root, { childList: true, subtree: true, attributeFilter: ['class', 'data-theme'] })
    // What scrolls inside a shadow root is not heard outside of it.
    root.addEventListener('scroll', soon, true)
}

// Where the bell belongs. `app-shell >>> #bell` leads through open shadow roots, each of which may still change.
const seek = () => config.selector.split('>>>').reduce((node, part) => {
    const root = node?.shadowRoot
    if (root) watch(root)
    return root?.querySelector(part)
}, { shadowRoot: document })

// Keeps the bell in its place, also when the page has rebuilt that part of itself, and in the page's present colours.
const tick = () => {
    queued = 0
    if (!token) return
    try {
        if (holder.isConnected && anchor.isConnected && frame.contentWindow == inside) {
            if (ready && (!shown || appearance())) {
                shown = true
                greet()
            }
            if (opened) measure() ? place() : close()
            return
        }
        drop()
        // A page that takes the bell away whenever it appears gets it back once in a second, not in every frame.
        if (Date.now() < settled) return expect(tick, 1e3)
        observer.disconnect()
        watch(document)
        const { element } = options
        anchor = element ? element.call ? element() : element : seek()
        if (anchor?.isConnected) {
            // Copies are left by who keeps pages as they looked and shows them again.
            for (const copy of anchor.getRootNode().querySelectorAll('#belfry-' + site)) copy.remove()
            holder = make('belfry-bell', { id: 'belfry-' + site })
            dress(holder, 'display:inline-block;position:relative;flex:none;width:40px;height:40px;vertical-align:middle;')
            anchor.insertAdjacentElement(config.position, holder)
            for (let root, node = holder; node; node = root.host) watch(root = node.getRootNode())
            settled = Date.now() + 1e3
            mount()
            if (!attempts && config.bell) draw(holder)
        } else if (Date.now() < limit) {
            // A shadow root that is attached late changes nothing that can be observed.
            expect(tick, 1e3)
        } else if (!settled) {
            observer.disconnect()
        }
    } catch (error) {
        // An invalid selector stays one.
        observer.disconnect()
        warn(error)
    }
}

const outer = node => node.parentElement || node.getRootNode().host

// Reads the page's colours behind the bell, from the inside out; true when they are not what they were.
const appearance = () => {
    ({ color: ink, colorScheme: scheme } = getComputedStyle(outer(holder)))
    // A page that says nothing of its scheme, and writes in a light colour, is dark.
    if (scheme == 'normal' && /, (1[3-9]|2\d)\d,/.test(getComputedStyle(document.body).color)) scheme = 'dark'
    ground = ''
    for (let node = holder; node = outer(node);) ground += getComputedStyle(node).backgroundColor + ';'
    return look != (look = [ink, ground, scheme, ''].join('|'))
}

const rest = { left: 0, top: 0, x: 0, y: 0, width: 40, height: 40 }

// Leaves where the bell was by a transform, and from the left in any language: moved in another way, the iframe would count as a
// shift of the page's layout.
const fit = () => {
    if (!frame) return
    const { left, top, x, y, width, height } = opened ? box : rest
    const from = opened ? base : rest
    dress(frame, `direction:ltr;position:${opened ? 'fixed;z-index:2147483647' : 'absolute'};left:${from.left}px;top:${from.top}px;transform:translate(${left - x - from.left}px,${top - y - from.top}px);width:${width}px;height:${height}px;color-scheme:${scheme};` + (shown ? '' : 'visibility:hidden;'))
}

// The bell at once, as the frame will draw it. What can't be loaded is not missed: the frame's own comes anyway.
const draw = place => import(config.bell).then(() => {
    if (!shown) early = eS.bell(place, ink, language, commands.open)
}).catch(warn)

// A new iframe for every load, so that nothing a former document says can be taken for the present one's.
const mount = bySource => {
    close()
    if (frame) frame.remove()
    if (bySource) early?.()
    ready = shown = waiting = false
    appearance()
    // The name is the first that the document knows of the page: its colours.
    frame = make('iframe', { name: look + Math.random(), popover: 'manual' })
    fit()
    holder.append(frame)
    inside = frame.contentWindow
    frame.onload = guard(meet)
    unused = bySource || blocked
    if (unused) {
        frame.src = url
        return expect(retry, 15e3)
    }
    const form = make('form', { method: 'post', action: url, target: frame.name })
    const values = fields()
    for (const name in values) form.append(make('input', { type: 'hidden', name, value: values[name] }))
    holder.append(form)
    expect(mount, 4e3, true)
    form.submit()
    form.remove()
}

// A document that has a title is an inbox: it draws while the rest is said.
const meet = ({ title }) => {
    if (ready) expect(retry, 4e3)
    ready = false
    if (title) frame.title = shown = title
    greet()
}

const greet = () => {
    appearance()
    fit()
    post('host', { look, place: opened && box })
}

// Where the iframe belongs in the window and the bell in the iframe; false when the bell is out of sight.
const measure = () => {
    const bell = holder.getBoundingClientRect()
    // Whole pixels, or the panel's text is blurred.
    const left = Math.round(bell.left), top = Math.round(bell.top), right = left + 40, bottom = top + 40
    const { offsetLeft: x, offsetTop: y, width, height } = visualViewport
    const end = x + width
    const above = top - y, below = y + height - bottom
    const down = below > 615 || below >= above
    const space = Math.min(600, (down ? below : above) - 16)
    const sheet = width <= 480 || space < 240
    box = { open: true, sheet, down, left, top, x: left - x, y: top - y, width, height }
    if (!sheet) {
        // A panel of 400 px, 8 px from the bell and from the window's edges, and 24 px around both for its shadow.
        Object.assign(box, {
            x: left - Math.max(x - 16, Math.min(getComputedStyle(holder).direction == 'rtl' ? left - 24 : right - 424, end - 432)),
            y: down ? 24 : space + 32,
            width: 448,
            height: space + 96
        })
    }
    return bell.width && (sheet || Math.min(above, below, left - x, end - right) > -40)
}

const place = () => {
    // The message first: the frame should know where to draw before it has the room.
    post('place', box)
    fit()
}

// The element that has the focus, also inside shadow roots.
const active = () => {
    let node = document.activeElement
    for (let inner; inner = node?.shadowRoot?.activeElement;) node = inner
    return node
}

// Only the frame's own word leads here: a frame that does not answer never covers the page.
const unfold = () => {
    if (!ready || opened || !measure()) return
    previous = active()
    base = box
    opened = true
    place()
    frame.showPopover?.()
    frame.focus()
    emit('open')
}

const close = here => {
    if (!opened) return
    const focused = active() == frame
    opened = false
    frame.hidePopover?.()
    // The bell has moved meanwhile: what is unseen for a frame may appear anywhere.
    if (base.left != box.left || base.top != box.top) {
        shown = false
        requestAnimationFrame(soon)
    }
    fit()
    if (focused && previous != frame) previous?.focus({ preventScroll: true })
    post('place', { focus: here && focused && previous == frame })
    emit('close')
}

const hear = {
    hello: meet,
    ready() {
        clearTimeout(timer)
        attempts = 0
        ready = shown = true
        fit()
        if (wanted) wanted = unfold()
    },
    // Nothing is seen of the change: for a moment one bell lies over the other.
    drawn() {
        if (early?.()) {
            frame.focus()
            post('place', { focus: true })
        }
        early = null
    },
    unread: ({ unread, unseen }) => unread + unseen >= 0 && emit('unread', { unread, unseen }),
    toggle: ({ open }) => open ? unfold() : close(true),
    auth({ blank }) {
        clearTimeout(timer)
        if (blank) hide()
        waiting = true
        unused ? hand() : ask()
    },
    embed() {
        drop()
        ask()
    },
    click({ href, id, target }) {
        if (!/^https?:/i.test(href)) return
        if (!target) close()
        if (emit('click', { href, id })) target ? open(href, target, 'noopener') : location.assign(href)
    }
}

const commands = {
    init(first, second) {
        // RECOMS, TRACKING and APP_INBOX stand in an object of their own, before the options.
        const parted = second || /[A-Z]{5}/.test(Object.keys(first || {}))
        const given = (parted ? second : first) || {}
        if ((given.site || site) != site) return
        if (options) return warn('init counts once')
        options = given
        const { getAuthTokenCallback: callback, token: held } = options
        if (parted ? first.APP_INBOX !== true : callback === held) return
        if (typeof callback != 'function') return warn('getAuthTokenCallback must be a function')
        take(held)
        language = options.language || config.language
        begin()
    },
    logout() {
        options = language = ''
        stop()
    },
    open() {
        wanted = true
        if (holder) holder.scrollIntoView({ block: 'nearest', behavior: 'instant' })
        if (ready) greet()
    },
    close() {
        wanted = false
        close()
    }
}

const events = {
    message({ data, source, origin: sender }) {
        // Compared without conversion, which another frame's window refuses.
        if (source === inside && sender == origin) hear[data?.belfry]?.(data)
    },
    pagehide: stop,
    pageshow: ({ persisted }) => persisted && language && begin(),
    resize: soon,
    transitionend: soon,
    pointerdown: () => close(),
    'belfry:open': ({ detail }) => detail.site == site || close(),
    keydown: ({ key }) => key == 'Escape' && close(true),
    // On paper there is nothing to press.
    beforeprint: hide,
    afterprint: () => frame && greet(),
    // The page's policy forbids the form: take the way over the iframe's address instead.
    securitypolicyviolation({ effectiveDirective, disposition }) {
        if (effectiveDirective == 'form-action' && disposition == 'enforce') {
            blocked = true
            if (frame && !ready) mount()
        }
    }
}

const eS = window.eS ||= function () {
    eS.c(arguments)
}
// One `eS` serves the widgets of several sites: what is said is for all of them, or for the one that is named.
const loaders = eS.belfry ||= {}
// Otherwise the snippet stands on the page twice.
if (!loaders[site]) {
    const run = loaders[site] = guard(values => {
        // The snippet's queue holds the arguments of `eS.c`, whose first is the arguments of `eS`.
        const [name, first, second] = values[0]?.trim ? values : values[0] || []
        if (!first?.trim || first == site) commands[name]?.(first, second)
    })
    const queue = eS.q ||= []
    for (const values of queue) run(values)
    eS.c = values => {
        // Kept for another site's loader, which may come later.
        if (commands[values[0]]) queue.push(values)
        for (const id in loaders) loaders[id](values)
    }
    for (const type in events) addEventListener(type, guard(events[type]), true)
    // A keyboard on the screen changes nothing else.
    visualViewport.addEventListener('resize', soon)
    visualViewport.addEventListener('scroll', soon)
}
} catch (error) {
    console.warn('Belfry:', error)
}
