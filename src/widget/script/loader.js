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
let lastWarning
// Consecutive equal warnings are logged once. The page may have removed the console.
const warn = reason => {
    try {
        if (lastWarning != (lastWarning = String(reason))) console.warn('Belfry:', reason)
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
const createElement = (name, values) => Object.assign(Document.prototype.createElement.call(document, name), values)
const remove = node => node?.parentNode?.removeChild(node)
// `all` first and `!important` on everything: the page's rules for its own iframes must not apply
// to this one.
const setStyle = (node, css) => node.style.cssText = ('all:initial;pointer-events:inherit;visibility:inherit;width:40px;height:40px;' + css).replace(/;/g, '!important;')

let options, language, searchUntil, scheduled
let token, hasFreshToken, tokenRequest, isTokenNeeded, tokenRequests, requestedAt
let anchor, container = 0, removeEarlyBell, frame, frameWindow = 0, mountableAt = 0, removals = 0
let timer, attempts = 0, isFormBlocked, isReady, isShown
let secondPart, isOpenRequested, openedPanel, frameStyle = '', textColour, backgrounds, scheme, appearance

// The page's own value, not one inherited from a modified `Object.prototype`.
const ownValue = (values, name) => !values || values[name] === {}[name] ? '' : values[name]

const postToFrame = (belfry, more) => frameWindow.postMessage({ belfry, ...more }, origin)

const setTimer = (work, delay, value) => {
    clearTimeout(timer)
    timer = setTimeout(guard(work), delay, value)
}

// An empty text means that the site knows no reader. Anything else without the form of a token must
// not be sent to Belfry: it may be a page, or a session of the site's.
const setToken = value => {
    const text = String(value || '').trim()
    if (text && !/^bft_\w+$/.test(text)) throw `token must begin with bft_, not ${text.slice(0, 9)}`
    token = text
}

// One call of the site's callback for all requests, at growing intervals: five in the first minute,
// in the end one in ten minutes.
const requestToken = () => {
    if (tokenRequest) return
    // If this changes before the response arrives, the response is outdated.
    const request = tokenRequest = {}
    const retryRequest = guard(error => {
        if (request != tokenRequest) return
        tokenRequest = 0
        warn(error)
        requestToken()
    })
    const call = async () => {
        try {
            if (request != tokenRequest) return
            tokenRequests++
            requestedAt = Date.now()
            setTimeout(retryRequest, 30e3, 'getAuthTokenCallback timed out')
            const text = await options.getAuthTokenCallback()
            if (request != tokenRequest) return
            setToken(text)
            tokenRequest = 0
            hasFreshToken = true
            token ? isTokenNeeded ? sendToken() : update() : removeFrame()
        } catch (error) {
            retryRequest(error)
        }
    }
    if (Date.now() - requestedAt > 9e5) tokenRequests = 0
    tokenRequests ? setTimeout(call, requestedAt + backoff(tokenRequests, 6e5) - Date.now()) : call()
}

// A visitor who opened a preview link of an unpublished theme has its secret in the address.
const tokenFields = () => ({ __proto__: null, token, language, scheme, preview: location.hash.split('belfry-preview=')[1] || '' })

const sendToken = () => {
    isTokenNeeded = hasFreshToken = false
    postToFrame('token', tokenFields())
    if (!isReady) setTimer(retry, 15e3)
}

const hideFrame = () => {
    closePanel()
    isReady = isShown = false
    styleFrame()
}

const retry = () => {
    hideFrame()
    setTimer(mountFrame, backoff(++attempts, 6e4))
}

const removeFrame = () => {
    clearTimeout(timer)
    closePanel()
    remove(container)
    container = frame = frameWindow = isReady = isTokenNeeded = 0
}

const shutDown = () => {
    tokenRequest = token = isOpenRequested = ''
    observer.disconnect()
    removeFrame()
}

const start = () => {
    requestedAt = 0
    searchUntil = Date.now() + 6e4
    token ? update() : requestToken()
}

const schedule = guard(() => scheduled ||= requestAnimationFrame(update))
const observer = new MutationObserver(schedule)
const watch = root => observer.observe(root, { __proto__: null, childList: true, subtree: true, attributeFilter: ['class', 'data-theme', 'inert'] })

// The element at which the bell is inserted. `app-shell >>> #bell` leads through open shadow roots,
// which may each change.
const findAnchor = () => {
    const parts = config.selector.split('>>>')
    let node = document.querySelector(parts[0])
    for (let index = 1; node && index < parts.length; node = node?.querySelector(parts[index++])) if (node = node.shadowRoot) watch(node)
    return node
}

// Keeps the bell in its place and in the page's current colours, also after the page has rebuilt
// that part of itself.
const update = () => {
    scheduled = 0
    // No iframe is loaded for a prerendered page.
    if (!token || document.prerendering === true) return
    try {
        if (container.isConnected && anchor.isConnected && frame.contentWindow == frameWindow) {
            if (isReady && (!isShown || readAppearance())) {
                isShown = true
                sendHost()
            }
            if (openedPanel && !openedPanel.follow()) closePanel()
            return
        }
        const now = Date.now()
        // A page that rebuilds itself also removes the anchor. One that removes only the bell, and
        // at once, does not want it.
        if (container && anchor.isConnected) removals = now < mountableAt + 2e3 ? removals + 1 : 0
        removeFrame()
        observer.disconnect()
        if (removals > 4) {
            removals = 4
            mountableAt = now + 6e5
            warn('page takes the bell away')
        }
        // In any case once per second rather than in every animation frame.
        if (now < mountableAt) return setTimer(update, mountableAt - now)
        watch(document)
        const element = ownValue(options, 'element')
        anchor = element ? typeof element == 'function' ? element() : element : findAnchor()
        if (anchor?.isConnected) {
            // Pages that store and restore their DOM leave a copy behind.
            remove(anchor.getRootNode().querySelector('#belfry-' + site))
            container = createElement('belfry-bell', { id: 'belfry-' + site })
            setStyle(container, 'display:inline-block;position:relative;flex:none;vertical-align:middle;')
            anchor.insertAdjacentElement(config.position, container)
            for (let root, node = container; node; node = root.host) watch(root = node.getRootNode())
            mountableAt = now + 1e3
            mountFrame()
            config.bell && !attempts ? drawBell() : loadSecondPart()
        } else if (now < searchUntil) {
            // Attaching a shadow root later causes no mutation that can be observed.
            setTimer(update, 1e3)
        } else if (!mountableAt) {
            observer.disconnect()
        }
    } catch (error) {
        // An invalid selector stays invalid.
        observer.disconnect()
        warn(error)
    }
}

const parentOf = node => node.parentElement || node.getRootNode().host

// Reads the page's colours behind the bell, from the inside out. Returns whether they have changed.
const readAppearance = () => {
    ({ color: textColour, colorScheme: scheme } = getComputedStyle(parentOf(container)))
    // A page without a colour scheme and with light text is dark.
    if (scheme == 'normal' && /, (1[3-9]|2\d)\d,/.test(getComputedStyle(document.body || container).color)) scheme = 'dark'
    backgrounds = ''
    for (let node = container; node = parentOf(node);) backgrounds += getComputedStyle(node).backgroundColor + ';'
    return appearance != (appearance = `${textColour}|${backgrounds}|${scheme}|${location.origin}|`)
}

// Positions the iframe over the page, or at the bell. After `unseen` it stays hidden until the next
// frame, so that its move is not visible. While the loader's bell is below it, that bell receives
// the presses: a press that begins on one bell and ends on the other would be lost.
const styleFrame = (css = frameStyle, unseen) => {
    frameStyle = css
    if (unseen) {
        isShown = false
        requestAnimationFrame(schedule)
    }
    if (frame) setStyle(frame, `direction:ltr;position:absolute;left:0;top:0;transform:translate(0);${removeEarlyBell ? 'pointer-events:none;' : ''}${css}color-scheme:${scheme};` + (isShown ? '' : 'visibility:hidden;'))
}

// The rest of the loader. If it cannot be loaded, it is requested again when it is needed.
const loadSecondPart = async bell => {
    try {
        secondPart ||= await import(config.page)
        if (bell?.isConnected) secondPart.finish(bell, appearance, language, token)
        if (isOpenRequested) showPanel()
    } catch (error) {
        warn(error)
    }
}

// Draws the bell at once, as the iframe will draw it, in a shadow root that the page's rules do not
// reach. `page/` adds its accessible name and its number.
const drawBell = () => {
    const add = (parent, name, key, value) => {
        parent = parent.appendChild(Document.prototype.createElementNS.call(document, 'http://www.w3.org/2000/svg', name))
        parent.setAttribute(key, value)
        return parent
    }
    const bell = createElement('button', {
        // The page must not receive the event, as with the iframe's own bell.
        onclick(event) {
            event.stopPropagation()
            commands.open()
            return false
        }
    })
    setStyle(bell, `display:block;fill:none;stroke:${textColour};stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round;`)
    add(add(bell, 'svg', 'viewBox', '-10 -10 40 40'), 'path', 'd', 'M4.6 8a5.4 5.4 0 0 1 10.8 0c0 3.3.8 4.9 2.1 6.5h-15c1.3-1.6 2.1-3.2 2.1-6.5zM7.9 14.7a2.15 2.15 0 0 0 4.2 0')
    container.attachShadow({ __proto__: null, mode: 'open' }).append(bell, createElement('slot'))
    // Removes the bell and returns whether it had the focus. Removed between press and release, it
    // would never be clicked.
    removeEarlyBell = () => {
        const focused = bell.matches(':focus')
        if (bell.matches(':active')) commands.open()
        remove(bell)
        removeEarlyBell = null
        return focused
    }
    loadSecondPart(bell)
}

// A new iframe for every load, so that no message of a previous document can be mistaken for one of
// the current document.
const mountFrame = byAddress => {
    closePanel()
    remove(frame)
    if (byAddress) removeEarlyBell?.()
    isReady = isShown = isTokenNeeded = false
    // A page rewritten by `document.write` has lost its listeners.
    listen()
    readAppearance()
    // The name passes the page's colours and origin to the document before any message.
    frame = createElement('iframe', { name: appearance + Math.random(), popover: 'manual' })
    styleFrame('')
    container.appendChild(frame)
    frameWindow = frame.contentWindow
    frame.onload = guard(() => onHello())
    hasFreshToken = byAddress || isFormBlocked
    if (hasFreshToken) {
        frame.src = url
        return setTimer(retry, 15e3)
    }
    const form = createElement('form', { method: 'post', action: url, target: frame.name })
    const values = tokenFields()
    for (const name in values) form.appendChild(createElement('input', { type: 'hidden', name, value: values[name] }))
    container.appendChild(form)
    setTimer(mountFrame, 4e3, true)
    form.submit()
    remove(form)
}

// A document with a title is an inbox: it is displayed while the remaining messages are exchanged.
const onHello = title => {
    if (isReady) setTimer(retry, 4e3)
    isReady = false
    if (title) frame.title = isShown = title
    sendHost()
}

const sendHost = () => {
    readAppearance()
    styleFrame()
    postToFrame('host', { look: appearance, place: openedPanel?.box })
}

// Only the iframe's own message leads here: an iframe that does not respond never covers the page.
const showPanel = () => {
    if (!isReady || openedPanel) return
    isOpenRequested ||= !secondPart
    if (!secondPart) return loadSecondPart()
    openedPanel = secondPart.openPanel(container, frame, isOpenRequested, styleFrame, postToFrame, warn, guard, closePanel, schedule)
    isOpenRequested = false
    if (openedPanel) emit('open')
}

const closePanel = returnFocus => {
    const panel = openedPanel
    if (!panel) return
    openedPanel = 0
    panel.close(returnFocus)
    emit('close')
}

const messageHandlers = {
    __proto__: null,
    hello: ({ title }) => onHello(title),
    ready() {
        clearTimeout(timer)
        attempts = 0
        isReady = isShown = true
        styleFrame()
        if (isOpenRequested) showPanel()
    },
    // For a moment both bells are displayed on top of each other, so that the change is not
    // visible.
    drawn() {
        const focused = removeEarlyBell?.()
        styleFrame()
        if (focused) {
            frame.focus()
            postToFrame('place', { focus: true })
        }
    },
    unread: ({ unread, unseen }) => unread + unseen >= 0 && emit('unread', { unread, unseen }),
    toggle: ({ open }) => open ? showPanel() : closePanel(true),
    auth({ blank }) {
        clearTimeout(timer)
        if (blank) hideFrame()
        isTokenNeeded = true
        hasFreshToken ? sendToken() : requestToken()
    },
    embed() {
        removeFrame()
        requestToken()
    },
    click: link => secondPart.follow(link, closePanel, emit)
}

const commands = {
    __proto__: null,
    init(first, second) {
        // RECOMS, TRACKING and APP_INBOX are passed in an object of their own before the options.
        const inbox = ownValue(first, 'APP_INBOX')
        const hasFeatures = second || inbox !== '' || ownValue(first, 'RECOMS') !== '' || ownValue(first, 'TRACKING') !== ''
        const settings = (hasFeatures ? second : first) || {}
        if ((ownValue(settings, 'site') || site) != site) return
        if (options) return warn('init counts once')
        options = settings
        const callback = ownValue(settings, 'getAuthTokenCallback'), initialToken = ownValue(settings, 'token')
        if (hasFeatures ? inbox !== true : callback === initialToken) return
        if (typeof callback != 'function') return warn('getAuthTokenCallback must be a function')
        language = ownValue(settings, 'language') || config.language
        guard(setToken)(initialToken)
        start()
    },
    logout() {
        options = language = ''
        shutDown()
    },
    open() {
        isOpenRequested = true
        if (isReady) sendHost()
    },
    close() {
        isOpenRequested = false
        closePanel()
    }
}

const events = {
    __proto__: null,
    message({ data, source, origin: sender }) {
        // Compared without conversion, which throws for another frame's window.
        if (source === frameWindow && sender == origin) {
            data = { __proto__: null, ...data }
            messageHandlers[data.belfry]?.(data)
        }
    },
    pagehide: shutDown,
    pageshow: ({ persisted }) => persisted && language && start(),
    prerenderingchange() {
        searchUntil = Date.now() + 6e4
        schedule()
    },
    resize: schedule,
    transitionend: schedule,
    // The page's policy forbids the form: load the iframe's address instead.
    securitypolicyviolation({ effectiveDirective, disposition }) {
        if (effectiveDirective == 'form-action' && disposition == 'enforce') {
            isFormBlocked = true
            if (frame && !isReady) mountFrame()
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
const loaders = ownValue(eS, 'belfry') || (eS.belfry = { __proto__: null })
// Otherwise the page contains the snippet twice.
if (!loaders[site]) {
    listen()
    const run = loaders[site] = guard(values => {
        // The snippet's queue contains the arguments of `eS.c`, whose first is the arguments of
        // `eS`.
        if (typeof values[0] != 'string') values = values[0] || ''
        if (typeof values[1] != 'string' || values[1] == site) commands[values[0]]?.(values[1], values[2])
    })
    const queue = ownValue(eS, 'q') || (eS.q = [])
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
