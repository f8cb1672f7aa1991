// Opens the iframe over the page and closes it: where the panel belongs in the window, and who gets the focus back. The loader imports
// it and calls `unfold`, and `follow` for a link; it stands apart because a page without a press on the bell needs none of it. It must not know of tokens, of what
// the frame is loaded with, or of messages.

// The element that has the focus, also inside shadow roots.
const active = () => {
    let node = document.activeElement
    for (let inner; inner = node?.shadowRoot?.activeElement;) node = inner
    return node
}

// Where the iframe belongs in the window and the bell in the iframe; nothing when the bell is out of sight.
const measure = holder => {
    // Pixels of the window are not those of a place that the page has enlarged, and what is written there counts in the latter.
    const zoom = holder.currentCSSZoom || 1
    const bell = holder.getBoundingClientRect()
    // Whole pixels, or the panel's text is blurred.
    const left = Math.round(bell.left) / zoom, top = Math.round(bell.top) / zoom, right = left + 40, bottom = top + 40
    const { offsetLeft, offsetTop, width: across, height: deep } = visualViewport
    const x = offsetLeft / zoom, y = offsetTop / zoom, width = across / zoom, height = deep / zoom
    const end = x + width
    const above = top - y, below = y + height - bottom
    const down = below > 615 || below >= above
    const space = Math.min(600, (down ? below : above) - 16)
    const sheet = width <= 480 || space < 240
    const box = { __proto__: null, open: true, sheet, down, left, top, x: left - x, y: top - y, width, height }
    if (!sheet) {
        // A panel of 400 px, 8 px from the bell and from the window's edges, and 24 px around both for its shadow.
        box.x = left - Math.max(x - 16, Math.min(getComputedStyle(holder).direction == 'rtl' ? left - 24 : right - 424, end - 432))
        box.y = down ? 24 : space + 32
        box.width = 448
        box.height = space + 96
    }
    if (bell.width && (sheet || Math.min(above, below, left - x, end - right) > -40)) return box
}

// Whether the reader's pointer can reach the frame. It can't while a modal dialog of the page is open elsewhere, which lets nothing else
// be pressed though the frame lies on top.
const isReachable = frame => {
    const { left, top, width, height } = frame.getBoundingClientRect()
    const within = (middle, end) => Math.max(0, Math.min(middle, end - 1))
    const found = frame.getRootNode().elementsFromPoint(within(left + width / 2, innerWidth), within(top + height / 2, innerHeight))
    for (let index = 0; index < found.length; index++) if (found[index] == frame) return true
}

// Whether a dialog of the page has taken the focus back, as libraries do that keep it inside by themselves.
const isFocusTrapped = (holder, frame) => {
    const holds = active()
    return holds != frame && (holds?.closest('dialog, [role*=dialog], [aria-modal=true]') || holder.closest('[aria-hidden=true]'))
}

// How long a dialog may take to ask for the focus, in milliseconds; nobody presses Tab as fast.
const TRAP_DELAY = 100

// What moves the bell or ends the panel while it is open: a list of targets, types of events and what is done.
const watchers = (holder, frame, fit, close, soon) => {
    const list = [
        // A modal dialog of the page takes the focus, and the life out of what is outside of it.
        [window, 'focusin', soon],
        [window, 'pointerdown', () => close()],
        [window, 'keydown', ({ key }) => key == 'Escape' && close(true)],
        [window, 'belfry:open', ({ detail }) => holder.id == 'belfry-' + detail?.site || close()],
        // On paper there is nothing to press, and the frame has not yet drawn itself closed.
        [window, 'beforeprint', () => {
            close()
            frame.style.setProperty('visibility', 'hidden', 'important')
            addEventListener('afterprint', () => fit(), { __proto__: null, once: true })
        }],
        // A keyboard on the screen changes nothing else.
        [visualViewport, 'resize', soon],
        [visualViewport, 'scroll', soon]
    ]
    // What scrolls inside a shadow root is not heard outside of it.
    for (let root, node = holder; node; node = root.host) list[list.length] = [root = node.getRootNode(), 'scroll', soon]
    return list
}

// Opens the frame. Gives what follows and closes it, or nothing where it could not be used.
export const unfold = (holder, frame, asked, fit, post, warn, guard, close, soon) => {
    // Whoever presses the bell has it before their eyes.
    if (asked) holder.scrollIntoView({ __proto__: null, block: 'nearest', behavior: 'instant' })
    let box = measure(holder), closed, focused = false
    if (!box) return
    const previous = active(), base = box
    const listeners = watchers(holder, frame, fit, close, soon)
    for (let index = 0; index < listeners.length; index++) listeners[index][2] = guard(listeners[index][2])
    const listen = verb => {
        for (let index = 0; index < listeners.length; index++) listeners[index][0][verb](listeners[index][1], listeners[index][2], true)
    }
    listen('addEventListener')
    // Leaves where the bell was by a transform, and from the left in any language: moved in another way, the iframe would count as a
    // shift of the page's layout.
    const place = () => {
        box.focus = focused
        // The message first: the frame should know where to draw before it has the room.
        post('place', box)
        const { left, top, x, y, width, height } = panel.box = box
        fit(`position:fixed;z-index:2147483647;pointer-events:auto;left:${base.left}px;top:${base.top}px;transform:translate(${left - x - base.left}px,${top - y - base.top}px);width:${width}px;height:${height}px;`)
    }
    const panel = {
        __proto__: null,
        // Follows the bell; false when there is nothing to be opened any more.
        follow() {
            const next = isReachable(frame) && measure(holder)
            if (!next) return false
            box = next
            place()
            return true
        },
        close(here) {
            closed = true
            listen('removeEventListener')
            const focused = active() == frame
            frame.hidePopover?.()
            fit('', base.left != box.left || base.top != box.top)
            if (focused && previous != frame) previous?.focus({ __proto__: null, preventScroll: true })
            post('place', { focus: here && focused && previous == frame })
        }
    }
    const isTrapped = () => isFocusTrapped(holder, frame)
    const refuse = () => warn('a dialog of the page is open and lets nothing else be used')
    try {
        place()
        frame.showPopover?.()
        if (isReachable(frame)) {
            frame.focus()
            if (!isTrapped()) {
                // Only now: a panel that took the focus by itself would take it from the dialog that it has to give way to.
                focused = true
                place()
                setTimeout(guard(() => {
                    if (closed || !isTrapped()) return
                    close()
                    refuse()
                }), TRAP_DELAY)
                return panel
            }
        }
        refuse()
    } catch (error) {
        warn(error)
    }
    panel.close()
}

// Follows a link in the panel, unless the page does that by itself.
export const follow = ({ href, id, target }, close, emit) => {
    if (!/^https?:/i.test(href)) return
    if (!target) close()
    if (emit('click', { href, id })) target ? open(href, target, 'noopener') : location.assign(href)
}
