// The loader: runs on the site's page, places the bell where the site configured it and keeps its
// iframe there. It must not depend on the content of the inbox, must never throw into the page, and
// defines only the global `eS`.
//
// Every page view downloads it, so its size is limited: the build minifies it, and what is not
// needed before the bell is displayed is in `page/`. The block keeps its names private.
//
// The page may have modified builtins: `Object.prototype` may have additional members, and arrays
// and promises may behave differently. So our objects have no prototype, and no array methods,
// array iterators or `Promise` are used.
{
let last
// Consecutive equal warnings are logged once. The page may have removed the console.
const warn = reason => {
    try {
        if (last != (last = String(reason))) console.warn('Belfry:', reason)
    } catch {}
}
const guard = work => value => {
    try {
        return work(value)
    } catch (error) {
        warn(error)
    }
}
try {
const config = CONFIG
const { origin, site } = config
const url = origin + '/embed/' + site
const emit = (name, detail) => dispatchEvent(new CustomEvent('belfry:' + name, { __proto__: null, detail: { site, ...detail }, cancelable: true }))
// Exponential backoff: 2, 4, 8 … seconds up to a maximum in milliseconds, with jitter so that many
// pages do not retry at the same moment.
const backoff = (turn, longest) => Math.min(longest, 1e3 * 2 ** turn) * (1 + Math.random() / 4)
// A form or image of the page named `createElement` shadows `document.createElement`.
const make = (name, values) => Object.assign(Document.prototype.createElement.call(document, name), values)
const remove = node => node?.parentNode?.removeChild(node)
// `all` first and `!important` on everything: the page's rules for its own iframes must not apply
// to this one.
const dress = (node, css) => node.style.cssText = ('all:initial;pointer-events:inherit;visibility:inherit;width:40px;height:40px;' + css).replace(/;/g, '!important;')

let options, language, limit, queued
let token, unused, asking, waiting, turns, asked
let anchor, holder = 0, early, frame, inside = 0, settled = 0, removals = 0
let timer, attempts = 0, blocked, ready, shown
let page, wanted, opened, shape = '', ink, ground, scheme, look

// The page's own value, not one inherited from a modified `Object.prototype`.
const pick = (values, name) => !values || values[name] === {}[name] ? '' : values[name]

const post = (belfry, more) => inside.postMessage({ belfry, ...more }, origin)

const expect = (work, delay, value) => {
    clearTimeout(timer)
    timer = setTimeout(guard(work), delay, value)
}

// An empty text means that the site knows no reader. Anything else without the form of a token must
// not be sent to Belfry: it may be a page, or a session of the site's.
const take = value => {
    const text = value ? String(value).trim() : ''
    if (text && !/^bft_\w+$/.test(text)) throw `token must begin with bft_, not ${text.slice(0, 9)}…`
    token = text
}

// One call of the site's callback for all requests, at growing intervals: five in the first minute,
// in the end one in ten minutes.
const ask = () => {
    if (asking) return
    // If this changes before the response arrives, the response is outdated.
    const mine = asking = {}
    const again = guard(error => {
        if (mine != asking) return
        asking = 0
        warn(error)
        ask()
    })
    const call = async () => {
        try {
            if (mine != asking) return
            turns++
            asked = Date.now()
            setTimeout(again, 30e3, 'getAuthTokenCallback does not answer')
            const text = await options.getAuthTokenCallback()
            if (mine != asking) return
            take(text)
            asking = 0
            unused = true
            token ? waiting ? hand() : tick() : drop()
        } catch (error) {
            again(error)
        }
    }
    if (Date.now() - asked > 9e5) turns = 0
    turns ? setTimeout(call, asked + backoff(turns, 6e5) - Date.now()) : call()
}

// A visitor who opened a preview link of an unpublished theme has its secret in the address.
const fields = () => ({ __proto__: null, token, language, scheme, preview: location.hash.split('belfry-preview=')[1] || '' })

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
    expect(mount, backoff(++attempts, 6e4))
}

const drop = () => {
    clearTimeout(timer)
    close()
    remove(holder)
    holder = frame = inside = ready = waiting = 0
}

const stop = () => {
    asking = token = wanted = ''
    observer.disconnect()
    drop()
}

const begin = () => {
    asked = 0
    limit = Date.now() + 6e4
    token ? tick() : ask()
}

const soon = guard(() => queued ||= requestAnimationFrame(tick))
const observer = new MutationObserver(soon)
const watch = root => observer.observe(root, { __proto__: null, childList: true, subtree: true, attributeFilter: ['class', 'data-theme', 'inert'] })

// The element at which the bell is inserted. `app-shell >>> #bell` leads through open shadow roots,
// which may each change.
const seek = () => {
    const parts = config.selector.split('>>>')
    let node = document.querySelector(parts[0])
    for (let index = 1; node && index < parts.length; node = node?.querySelector(parts[index++])) if (node = node.shadowRoot) watch(node)
    return node
}

// Keeps the bell in its place and in the page's current colours, also after the page has rebuilt
// that part of itself.
const tick = () => {
    queued = 0
    // No iframe is loaded for a prerendered page.
    if (!token || document.prerendering === true) return
    try {
        if (holder.isConnected && anchor.isConnected && frame.contentWindow == inside) {
            if (ready && (!shown || appearance())) {
                shown = true
                greet()
            }
            if (opened && !opened.follow()) close()
            return
        }
        const now = Date.now()
        // A page that rebuilds itself also removes the anchor. One that removes only the bell, and
        // at once, does not want it.
        if (holder && anchor.isConnected) removals = now < settled + 2e3 ? removals + 1 : 0
        drop()
        observer.disconnect()
        if (removals > 4) {
            removals = 4
            settled = now + 6e5
            warn('the page takes the bell away')
        }
        // In any case once per second rather than in every animation frame.
        if (now < settled) return expect(tick, settled - now)
        watch(document)
        const element = pick(options, 'element')
        anchor = element ? typeof element == 'function' ? element() : element : seek()
        if (anchor?.isConnected) {
            // Pages that store and restore their DOM leave a copy behind.
            remove(anchor.getRootNode().querySelector('#belfry-' + site))
            holder = make('belfry-bell', { id: 'belfry-' + site })
            dress(holder, 'display:inline-block;position:relative;flex:none;vertical-align:middle;')
            anchor.insertAdjacentElement(config.position, holder)
            for (let root, node = holder; node; node = root.host) watch(root = node.getRootNode())
            settled = now + 1e3
            mount()
            config.bell && !attempts ? draw() : load()
        } else if (now < limit) {
            // Attaching a shadow root later causes no mutation that can be observed.
            expect(tick, 1e3)
        } else if (!settled) {
            observer.disconnect()
        }
    } catch (error) {
        // An invalid selector stays invalid.
        observer.disconnect()
        warn(error)
    }
}

const outer = node => node.parentElement || node.getRootNode().host

// Reads the page's colours behind the bell, from the inside out. Returns whether they have changed.
const appearance = () => {
    ({ color: ink, colorScheme: scheme } = getComputedStyle(outer(holder)))
    // A page without a colour scheme and with light text is dark.
    if (scheme == 'normal' && /, (1[3-9]|2\d)\d,/.test(getComputedStyle(document.body || holder).color)) scheme = 'dark'
    ground = ''
    for (let node = holder; node = outer(node);) ground += getComputedStyle(node).backgroundColor + ';'
    return look != (look = `${ink}|${ground}|${scheme}|${location.origin}|`)
}

// Positions the iframe over the page, or at the bell. After `unseen` it stays hidden until the next
// frame, so that its move is not visible. While the loader's bell is below it, that bell receives
// the presses: a press that begins on one bell and ends on the other would be lost.
const fit = (css = shape, unseen) => {
    shape = css
    if (unseen) {
        shown = false
        requestAnimationFrame(soon)
    }
    if (frame) dress(frame, `direction:ltr;position:absolute;left:0;top:0;transform:translate(0);${early ? 'pointer-events:none;' : ''}${css}color-scheme:${scheme};` + (shown ? '' : 'visibility:hidden;'))
}

// The rest of the loader. If it cannot be loaded, it is requested again when it is needed.
const load = async bell => {
    try {
        page ||= await import(config.page)
        if (bell?.isConnected) page.finish(bell, look, language, token)
        if (wanted) unfold()
    } catch (error) {
        warn(error)
    }
}

// Draws the bell at once, as the iframe will draw it, in a shadow root that the page's rules do not
// reach. `page/` adds its accessible name and its number.
const draw = () => {
    const add = (parent, name, key, value) => {
        parent = parent.appendChild(Document.prototype.createElementNS.call(document, 'http://www.w3.org/2000/svg', name))
        parent.setAttribute(key, value)
        return parent
    }
    const bell = make('button', {
        // The page must not receive the event, as with the iframe's own bell.
        onclick(event) {
            event.stopPropagation()
            commands.open()
            return false
        }
    })
    dress(bell, `display:block;fill:none;stroke:${ink};stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round;`)
    add(add(bell, 'svg', 'viewBox', '-10 -10 40 40'), 'path', 'd', 'M4.6 8a5.4 5.4 0 0 1 10.8 0c0 3.3.8 4.9 2.1 6.5h-15c1.3-1.6 2.1-3.2 2.1-6.5zM7.9 14.7a2.15 2.15 0 0 0 4.2 0')
    holder.attachShadow({ __proto__: null, mode: 'open' }).append(bell, make('slot'))
    // Removes the bell and returns whether it had the focus. Removed between press and release, it
    // would never be clicked.
    early = () => {
        const focused = bell.matches(':focus')
        if (bell.matches(':active')) commands.open()
        remove(bell)
        early = null
        return focused
    }
    load(bell)
}

// A new iframe for every load, so that no message of a previous document can be mistaken for one of
// the current document.
const mount = bySource => {
    close()
    remove(frame)
    if (bySource) early?.()
    ready = shown = waiting = false
    // A page rewritten by `document.write` has lost its listeners.
    listen()
    appearance()
    // The name passes the page's colours and origin to the document before any message.
    frame = make('iframe', { name: look + Math.random(), popover: 'manual' })
    fit('')
    holder.appendChild(frame)
    inside = frame.contentWindow
    frame.onload = guard(() => meet())
    unused = bySource || blocked
    if (unused) {
        frame.src = url
        return expect(retry, 15e3)
    }
    const form = make('form', { method: 'post', action: url, target: frame.name })
    const values = fields()
    for (const name in values) form.appendChild(make('input', { type: 'hidden', name, value: values[name] }))
    holder.appendChild(form)
    expect(mount, 4e3, true)
    form.submit()
    remove(form)
}

// A document with a title is an inbox: it is displayed while the remaining messages are exchanged.
const meet = title => {
    if (ready) expect(retry, 4e3)
    ready = false
    if (title) frame.title = shown = title
    greet()
}

const greet = () => {
    appearance()
    fit()
    post('host', { look, place: opened && opened.box })
}

// Only the iframe's own message leads here: an iframe that does not respond never covers the page.
const unfold = () => {
    if (!ready || opened) return
    wanted ||= !page
    if (!page) return load()
    opened = page.unfold(holder, frame, wanted, fit, post, warn, guard, close, soon)
    wanted = false
    if (opened) emit('open')
}

const close = here => {
    const panel = opened
    if (!panel) return
    opened = 0
    panel.close(here)
    emit('close')
}

const hear = {
    __proto__: null,
    hello: ({ title }) => meet(title),
    ready() {
        clearTimeout(timer)
        attempts = 0
        ready = shown = true
        fit()
        if (wanted) unfold()
    },
    // For a moment both bells are displayed on top of each other, so that the change is not
    // visible.
    drawn() {
        const focused = early?.()
        fit()
        if (focused) {
            frame.focus()
            post('place', { focus: true })
        }
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
    click: link => page.follow(link, close, emit)
}

const commands = {
    __proto__: null,
    init(first, second) {
        // RECOMS, TRACKING and APP_INBOX are passed in an object of their own before the options.
        const inbox = pick(first, 'APP_INBOX')
        const parted = second || inbox !== '' || pick(first, 'RECOMS') !== '' || pick(first, 'TRACKING') !== ''
        const given = (parted ? second : first) || {}
        if ((pick(given, 'site') || site) != site) return
        if (options) return warn('init counts once')
        options = given
        const callback = pick(given, 'getAuthTokenCallback'), held = pick(given, 'token')
        if (parted ? inbox !== true : callback === held) return
        if (typeof callback != 'function') return warn('getAuthTokenCallback must be a function')
        language = pick(given, 'language') || config.language
        guard(take)(held)
        begin()
    },
    logout() {
        options = language = ''
        stop()
    },
    open() {
        wanted = true
        if (ready) greet()
    },
    close() {
        wanted = false
        close()
    }
}

const events = {
    __proto__: null,
    message({ data, source, origin: sender }) {
        // Compared without conversion, which throws for another frame's window.
        if (source === inside && sender == origin) {
            data = { __proto__: null, ...data }
            hear[data.belfry]?.(data)
        }
    },
    pagehide: stop,
    pageshow: ({ persisted }) => persisted && language && begin(),
    prerenderingchange() {
        limit = Date.now() + 6e4
        soon()
    },
    resize: soon,
    transitionend: soon,
    // The page's policy forbids the form: load the iframe's address instead.
    securitypolicyviolation({ effectiveDirective, disposition }) {
        if (effectiveDirective == 'form-action' && disposition == 'enforce') {
            blocked = true
            if (frame && !ready) mount()
        }
    }
}
for (const type in events) events[type] = guard(events[type])

const listen = () => {
    for (const type in events) addEventListener(type, events[type], true)
}

// An element with this id is a property of the window, too.
const eS = typeof window.eS == 'function' ? window.eS : window.eS = function () {
    eS.c(arguments)
}
// One `eS` serves the widgets of several sites: a command is for all of them, or for the named one.
const loaders = pick(eS, 'belfry') || (eS.belfry = { __proto__: null })
// Otherwise the page contains the snippet twice.
if (!loaders[site]) {
    listen()
    const run = loaders[site] = guard(values => {
        // The snippet's queue contains the arguments of `eS.c`, whose first is the arguments of
        // `eS`.
        if (typeof values[0] != 'string') values = values[0] || ''
        if (typeof values[1] != 'string' || values[1] == site) commands[values[0]]?.(values[1], values[2])
    })
    const queue = pick(eS, 'q') || (eS.q = [])
    for (let index = 0; index < queue.length; index++) run(queue[index])
    eS.c = guard(values => {
        // Kept for the loader of another site, which may be loaded later.
        if (commands[values[0]]) queue[queue.length] = values
        for (const id in loaders) loaders[id](values)
    })
}
} catch (error) {
    warn(error)
}
}
