// Opens the iframe over the page and closes it: the panel's position in the window, and the return
// of the focus. The loader imports it and calls `openPanel`, and `follow` for a link; it is separate
// because a page without a press on the bell needs none of it. It must not depend on tokens, on
// what the frame loads, or on messages.

// The element with the focus, also inside shadow roots.
const deepActiveElement = () => {
    let node = document.activeElement
    for (let inner; inner = node?.shadowRoot?.activeElement;) node = inner
    return node
}

// The position of the iframe in the window and of the bell in the iframe; `undefined` if the bell
// is out of view.
const measure = container => {
    // Pixels of the window differ from those of a zoomed part of the page, in which positions are
    // written.
    const zoom = container.currentCSSZoom || 1
    const bell = container.getBoundingClientRect()
    // Whole pixels, or the panel's text is blurred.
    const left = Math.round(bell.left) / zoom, top = Math.round(bell.top) / zoom, right = left + 40, bottom = top + 40
    const { offsetLeft, offsetTop, width: viewWidth, height: viewHeight } = visualViewport
    const x = offsetLeft / zoom, y = offsetTop / zoom, width = viewWidth / zoom, height = viewHeight / zoom
    const end = x + width
    const above = top - y, below = y + height - bottom
    const down = below > 615 || below >= above
    const space = Math.min(600, (down ? below : above) - 16)
    const sheet = width <= 480 || space < 240
    const box = { __proto__: null, open: true, sheet, down, left, top, x: left - x, y: top - y, width, height }
    if (!sheet) {
        // A panel of 400 px, 8 px from the bell and from the window's edges, with 24 px around both
        // for its shadow.
        box.x = left - Math.max(x - 16, Math.min(getComputedStyle(container).direction == 'rtl' ? left - 24 : right - 424, end - 432))
        box.y = down ? 24 : space + 32
        box.width = 448
        box.height = space + 96
    }
    if (bell.width && (sheet || Math.min(above, below, left - x, end - right) > -40)) return box
}

// Whether the pointer can reach the frame. It cannot while a modal dialog of the page is open
// elsewhere, although the frame is displayed on top.
const isReachable = frame => {
    const { left, top, width, height } = frame.getBoundingClientRect()
    const within = (middle, end) => Math.max(0, Math.min(middle, end - 1))
    const found = frame.getRootNode().elementsFromPoint(within(left + width / 2, innerWidth), within(top + height / 2, innerHeight))
    for (let index = 0; index < found.length; index++) if (found[index] == frame) return true
}

// Whether a dialog of the page has taken the focus back, as libraries with focus traps do.
const isFocusTrapped = (container, frame) => {
    const focusedElement = deepActiveElement()
    return focusedElement != frame && (focusedElement?.closest('dialog, [role*=dialog], [aria-modal=true]') || container.closest('[aria-hidden=true]'))
}

// How long a dialog may take to move the focus, in milliseconds; faster than anyone presses Tab.
const TRAP_DELAY = 100

// Listeners that move or close the open panel: target, event type, handler.
const watchers = (container, frame, styleFrame, close, schedule) => {
    const list = [
        // A modal dialog of the page takes the focus and makes everything else inert.
        [window, 'focusin', schedule],
        [window, 'pointerdown', () => close()],
        [window, 'keydown', ({ key }) => key == 'Escape' && close(true)],
        [window, 'belfry:open', ({ detail }) => container.id == 'belfry-' + detail?.site || close()],
        // In print the bell is not usable, and the frame has not drawn itself closed yet.
        [window, 'beforeprint', () => {
            close()
            frame.style.setProperty('visibility', 'hidden', 'important')
            addEventListener('afterprint', () => styleFrame(), { __proto__: null, once: true })
        }],
        // An on-screen keyboard triggers no other event.
        [visualViewport, 'resize', schedule],
        [visualViewport, 'scroll', schedule]
    ]
    // Scroll events inside a shadow root do not reach its outside.
    for (let root, node = container; node; node = root.host) list[list.length] = [root = node.getRootNode(), 'scroll', schedule]
    return list
}

// Opens the frame. Returns an object to update and close it, or `undefined` if it could not be
// used.
export const openPanel = (container, frame, scrollToBell, styleFrame, postToFrame, warn, guard, close, schedule) => {
    // After a command rather than a press, the bell may be out of view.
    if (scrollToBell) container.scrollIntoView({ __proto__: null, block: 'nearest', behavior: 'instant' })
    let box = measure(container), isClosed, hasFocus = false
    if (!box) return
    const previousFocus = deepActiveElement(), initialBox = box
    const listeners = watchers(container, frame, styleFrame, close, schedule)
    for (let index = 0; index < listeners.length; index++) listeners[index][2] = guard(listeners[index][2])
    const listen = method => {
        for (let index = 0; index < listeners.length; index++) listeners[index][0][method](listeners[index][1], listeners[index][2], true)
    }
    listen('addEventListener')
    // Moved by a transform, and from the left in any language: otherwise the iframe would count as
    // a layout shift of the page.
    const applyLayout = () => {
        box.focus = hasFocus
        // The message first, so that the frame can draw the new layout before it is resized.
        postToFrame('place', box)
        const { left, top, x, y, width, height } = panel.box = box
        styleFrame(`position:fixed;z-index:2147483647;pointer-events:auto;left:${initialBox.left}px;top:${initialBox.top}px;transform:translate(${left - x - initialBox.left}px,${top - y - initialBox.top}px);width:${width}px;height:${height}px;`)
    }
    const panel = {
        __proto__: null,
        // Follows the bell; returns false if the panel cannot be displayed any more.
        follow() {
            const next = isReachable(frame) && measure(container)
            if (!next) return false
            box = next
            applyLayout()
            return true
        },
        close(returnFocus) {
            isClosed = true
            listen('removeEventListener')
            const hasFocus = deepActiveElement() == frame
            frame.hidePopover?.()
            styleFrame('', initialBox.left != box.left || initialBox.top != box.top)
            if (hasFocus && previousFocus != frame) previousFocus?.focus({ __proto__: null, preventScroll: true })
            postToFrame('place', { focus: returnFocus && hasFocus && previousFocus == frame })
        }
    }
    const isTrapped = () => isFocusTrapped(container, frame)
    const warnBlocked = () => warn('a dialog of the page is open and lets nothing else be used')
    try {
        applyLayout()
        frame.showPopover?.()
        if (isReachable(frame)) {
            frame.focus()
            if (!isTrapped()) {
                // Only now: a panel that took the focus itself would take it from the dialog that
                // takes precedence.
                hasFocus = true
                applyLayout()
                setTimeout(guard(() => {
                    if (isClosed || !isTrapped()) return
                    close()
                    warnBlocked()
                }), TRAP_DELAY)
                return panel
            }
        }
        warnBlocked()
    } catch (error) {
        warn(error)
    }
    panel.close()
}

// Follows a link in the panel, unless the page handles the event.
export const follow = ({ href, id, target }, close, emit) => {
    if (!/^https?:/i.test(href)) return
    if (!target) close()
    if (emit('click', { href, id })) target ? open(href, target, 'noopener') : location.assign(href)
}
