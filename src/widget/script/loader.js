// The loader: runs on the site's page, puts the bell where the site wants it and keeps its iframe there.
// It must not know what is in the inbox, must never throw into the page, and leaves nothing there but `eS`.
// Every page view pays for each byte: the build minifies it, nothing here is said twice, and what is not needed before the bell stands
// in `page/`. The block keeps its names private.
//
// The page may have changed what it likes: its `Object.prototype` has members of its own, its arrays and promises do something else.
// So objects of ours have no prototype, and no method or iterator of arrays nor `Promise` is used.
{
let last
// The same line once, however often it would be said. A page may have taken the console away.
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
// 2, 4, 8 … seconds up to so many milliseconds, spread so that many pages do not come back at the same moment.
const backoff = (turn, longest) => Math.min(longest, 1e3 * 2 ** turn) * (1 + Math.random() / 4)
// A form or picture of the page that is named `createElement` is what `document.createElement` gives.
const make = (name, values) => Object.assign(Document.prototype.createElement.call(document, name), values)
const remove = node => node?.parentNode?.removeChild(node)
// `all` first and `!important` everywhere: the page's rules for its own iframes must not reach this one.
const dress = (node, css) => node.style.cssText = ('all:initial;pointer-events:inherit;visibility:inherit;width:40px;height:40px;' + css).replace(/;/g, '!important;')

let options, language, limit, queued
let token, unused, asking, waiting, turns, asked
let anchor, holder = 0, early, frame, inside = 0, settled = 0, removals = 0
let timer, attempts = 0, blocked, ready, shown
let page, wanted, opened, shape = '', ink, ground, scheme, look

// A value of the page's, and not what its `Object.prototype` has for every object.
const pick = (values, name) => !values || values[name] === {}[name] ? '' : values[name]

const post = (belfry, more) => inside.postMessage({ belfry, ...more }, origin)

const expect = (work, delay, value) => {
    clearTimeout(timer)
    timer = setTimeout(guard(work), delay, value)
}

// Blank text: the site knows no reader. What has not the form of a token is nothing that Belfry should see: a page, a session of the site's.
const take = value => {
    const text = value ? String(value).trim() : ''
    if (text && !/^bft_\w+$/.test(text)) throw `token must begin with bft_, not ${text.slice(0, 9)}…`
    token = text
}

// One call of the site's callback for all who wait, at growing distance: five in a minute, and in the end one in ten minutes.
const ask = () => {
    if (asking) return
    // Another, or none, when the answer comes: it belongs to the past.
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

// Whoever came by a link to a theme that is not in force yet has it in the address.
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

// Where the bell belongs. `app-shell >>> #bell` leads through open shadow roots, each of which may still change.
const seek = () => {
    const parts = config.selector.split('>>>')
    let node = document.querySelector(parts[0])
    for (let index = 1; node && index < parts.length; node = node?.querySelector(parts[index++])) if (node = node.shadowRoot) watch(node)
    return node
}

// Keeps the bell in its place, also when the page has rebuilt that part of itself, and in the page's present colours.
const tick = () => {
    queued = 0
    // No frame is loaded for a page that nobody looks at yet.
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
        // A page that builds itself anew takes the place away as well; one that takes only the bell away, and at once, does not want it.
        if (holder && anchor.isConnected) removals = now < settled + 2e3 ? removals + 1 : 0
        drop()
        observer.disconnect()
        if (removals > 4) {
            removals = 4
            settled = now + 6e5
            warn('the page takes the bell away')
        }
        // In any case once in a second, not in every frame.
        if (now < settled) return expect(tick, settled - now)
        watch(document)
        const element = pick(options, 'element')
        anchor = element ? typeof element == 'function' ? element() : element : seek()
        if (anchor?.isConnected) {
            // A copy is left by who keeps pages as they looked and shows them again.
            remove(anchor.getRootNode().querySelector('#belfry-' + site))
            holder = make('belfry-bell', { id: 'belfry-' + site })
            dress(holder, 'display:inline-block;position:relative;flex:none;vertical-align:middle;')
            anchor.insertAdjacentElement(config.position, holder)
            for (let root, node = holder; node; node = root.host) watch(root = node.getRootNode())
            settled = now + 1e3
            mount()
            config.bell && !attempts ? draw() : load()
        } else if (now < limit) {
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
    if (scheme == 'normal' && /, (1[3-9]|2\d)\d,/.test(getComputedStyle(document.body || holder).color)) scheme = 'dark'
    ground = ''
    for (let node = holder; node = outer(node);) ground += getComputedStyle(node).backgroundColor + ';'
    return look != (look = `${ink}|${ground}|${scheme}|${location.origin}|`)
}

// Draws the iframe in its shape over the page, or where the bell is. Unseen for a moment, it may appear anywhere. While the loader's bell
// lies below it, that is what one presses: a press that one bell sees begin and the other sees end would be lost.
const fit = (css = shape, unseen) => {
    shape = css
    if (unseen) {
        shown = false
        requestAnimationFrame(soon)
    }
    if (frame) dress(frame, `direction:ltr;position:absolute;left:0;top:0;transform:translate(0);${early ? 'pointer-events:none;' : ''}${css}color-scheme:${scheme};` + (shown ? '' : 'visibility:hidden;'))
}

// The rest of the script. Where it can't be had, it is asked for again when it is needed.
const load = async bell => {
    try {
        page ||= await import(config.page)
        if (bell?.isConnected) page.finish(bell, look, language, token)
        if (wanted) unfold()
    } catch (error) {
        warn(error)
    }
}

// The bell at once, as the frame will draw it, in a shadow root that the page's rules do not reach. `page/` gives it its name and its number.
const draw = () => {
    const add = (parent, name, key, value) => {
        parent = parent.appendChild(Document.prototype.createElementNS.call(document, 'http://www.w3.org/2000/svg', name))
        parent.setAttribute(key, value)
        return parent
    }
    const bell = make('button', {
        // The page around it does not notice, as with the frame's own.
        onclick(event) {
            event.stopPropagation()
            commands.open()
            return false
        }
    })
    dress(bell, `display:block;fill:none;stroke:${ink};stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round;`)
    add(add(bell, 'svg', 'viewBox', '-10 -10 40 40'), 'path', 'd', 'M4.6 8a5.4 5.4 0 0 1 10.8 0c0 3.3.8 4.9 2.1 6.5h-15c1.3-1.6 2.1-3.2 2.1-6.5zM7.9 14.7a2.15 2.15 0 0 0 4.2 0')
    holder.attachShadow({ __proto__: null, mode: 'open' }).append(bell, make('slot'))
    // Takes it away, and says whether it had the focus. Taken away between the press and the release, it would never be clicked.
    early = () => {
        const focused = bell.matches(':focus')
        if (bell.matches(':active')) commands.open()
        remove(bell)
        early = null
        return focused
    }
    load(bell)
}

// A new iframe for every load, so that nothing a former document says can be taken for the present one's.
const mount = bySource => {
    close()
    remove(frame)
    if (bySource) early?.()
    ready = shown = waiting = false
    // A page that is written anew has forgotten its listeners.
    listen()
    appearance()
    // The name is the first that the document knows of the page: its colours and its origin.
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

// A document that has a title is an inbox: it draws while the rest is said.
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

// Only the frame's own word leads here: a frame that does not answer never covers the page.
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
    // Nothing is seen of the change: for a moment one bell lies over the other.
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
        // RECOMS, TRACKING and APP_INBOX stand in an object of their own, before the options.
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
        // Compared without conversion, which another frame's window refuses.
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
    // The page's policy forbids the form: take the way over the iframe's address instead.
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
// One `eS` serves the widgets of several sites: what is said is for all of them, or for the one that is named.
const loaders = pick(eS, 'belfry') || (eS.belfry = { __proto__: null })
// Otherwise the snippet stands on the page twice.
if (!loaders[site]) {
    listen()
    const run = loaders[site] = guard(values => {
        // The snippet's queue holds the arguments of `eS.c`, whose first is the arguments of `eS`.
        if (typeof values[0] != 'string') values = values[0] || ''
        if (typeof values[1] != 'string' || values[1] == site) commands[values[0]]?.(values[1], values[2])
    })
    const queue = pick(eS, 'q') || (eS.q = [])
    for (let index = 0; index < queue.length; index++) run(queue[index])
    eS.c = guard(values => {
        // Kept for another site's loader, which may come later.
        if (commands[values[0]]) queue[queue.length] = values
        for (const id in loaders) loaders[id](values)
    })
}
} catch (error) {
    warn(error)
}
}
