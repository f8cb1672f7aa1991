// Keyboard control of the list: one Tab stop, arrow keys within, a letter for each action, `?` for
// help. A letter presses the button that a mouse would press. It must not depend on what the
// buttons do, and needs no WebAssembly.
const list = document.getElementById('list')
const help = document.getElementById('keys')
const panel = document.getElementById('panel')
const { dataset } = document.documentElement
const BUTTONS = { r: ['read', 'unread'], e: ['archive', 'restore'], '#': ['delete'], Delete: ['delete'] }
let current, index = 0, hasEntered

const items = () => [...list.children]
const focusableParts = item => item.querySelectorAll('a[href], button')

// Only the current item and its content can be reached by Tab.
const setCurrent = item => {
    for (const other of items()) {
        const isCurrent = other == item
        other.tabIndex = isCurrent ? 0 : -1
        for (const part of focusableParts(other)) isCurrent ? part.removeAttribute('tabindex') : (part.tabIndex = -1)
    }
    current = item
    index = items().indexOf(item)
}

const focusItem = item => {
    if (!item) return
    setCurrent(item)
    item.focus({ preventScroll: true })
    item.scrollIntoView({ block: 'nearest' })
}

const clickButton = (item, values) => {
    const found = values.map(word => item.querySelector(`button[value="${word}"]`)).find(button => button && button.checkVisibility({ visibilityProperty: true }))
    found?.click()
}

const MOVES = {
    ArrowDown: all => all[index + 1],
    ArrowUp: all => all[index - 1],
    j: all => all[index + 1],
    k: all => all[index - 1],
    Home: all => all[0],
    End: all => all.at(-1)
}

// On a keyboard of another script, the Latin letter at the same position.
const keyOf = ({ key, code }) => key.length == 1 && key > '~' && code.startsWith('Key') ? code[3].toLowerCase() : key

const isTyping = target => target.closest('input, textarea, select, [contenteditable]')

const onKeydown = event => {
    const { target, ctrlKey, metaKey, altKey } = event
    const key = keyOf(event)
    if (event.defaultPrevented || ctrlKey || metaKey || altKey || isTyping(target) || !('open' in dataset) || 'tab' in dataset) return
    if (key == '?') {
        event.preventDefault()
        return help.open ? help.close() : help.showModal()
    }
    if (help.open) return
    if (key == 'z') {
        const undo = document.querySelector('#undo:not([hidden]) button')
        if (undo) event.preventDefault()
        return undo?.click()
    }
    const item = target.closest('.item')
    if (MOVES[key]) {
        // The focused element may have been removed by its own action; then the body has the focus.
        const isInside = target == document.body || panel.contains(target) && !target.closest('.head, .filters')
        if (!isInside) return
        event.preventDefault()
        return focusItem(item || key.length > 1 && key[0] != 'A' ? MOVES[key](items()) : current)
    }
    if (!item) return
    if (BUTTONS[key]) {
        event.preventDefault()
        clickButton(item, BUTTONS[key])
    } else if (key == 'Enter' && target == item) {
        event.preventDefault()
        const link = item.querySelector('.title a[href]')
        link ? link.click() : clickButton(item, ['read'])
    }
}

if (list) {
    document.addEventListener('keydown', onKeydown)
    list.addEventListener('focusin', ({ target }) => {
        const item = target.closest('.item')
        if (item) hasEntered = true
        if (item && item != current) setCurrent(item)
    })
    document.querySelector('[data-keys]').addEventListener('click', () => help.showModal())
    help.addEventListener('click', event => {
        if (event.target == help || event.target.closest('button')) help.close()
    })
    document.addEventListener('belfry:closed', () => help.close())
    // Escape closes only the topmost dialog, not the panel as well.
    help.addEventListener('keydown', event => event.key == 'Escape' && event.stopPropagation())
    // When a focused item is removed, the item that takes its place gets the focus.
    let hadFocusInside
    document.addEventListener('focusin', ({ target }) => hadFocusInside = target.closest('.item') ? true : false)
    new MutationObserver(changes => {
        const wasRemoved = changes.some(({ removedNodes }) => [...removedNodes].includes(current)) && !current.isConnected
        const all = items()
        // Until the reader enters the list, the first item is the newest.
        if (!hasEntered && all[0]) setCurrent(all[0])
        else if (!all.includes(current)) {
            const next = all[Math.min(index, all.length - 1)]
            if (wasRemoved && hadFocusInside && document.activeElement == document.body && 'open' in dataset) {
                if (next) return focusItem(next)
                panel.focus()
            }
            if (next) setCurrent(next)
            else index = hasEntered = 0
        } else setCurrent(current)
    }).observe(list, { childList: true })
    // After inserting waiting messages by a key press, the focus moves to the first of them.
    document.addEventListener('click', ({ target, detail }) => !detail && target.closest('#arrived') && focusItem(items()[0]))
    document.addEventListener('belfry:returned', ({ detail }) => focusItem(detail))
    if (list.firstElementChild) setCurrent(list.firstElementChild)
}
