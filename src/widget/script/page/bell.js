// The bell on the site's page from the moment when its reader is known until the iframe has drawn its own: the same drawing in the
// same place, in a shadow root that the page's rules do not reach. The loader imports it and calls `drawBell`; it stands apart
// because the loader must stay small. It must not know of tokens, frames or messages, and needs nothing of the page's policy
// but what the loader needs: no inline style, no markup from text.
// The widget's title in each of its languages; a test holds this list to the server's.
const titles = { en: 'Notifications', uk: 'Сповіщення' }
// As in widget.css.
const css = `
button { display: grid; place-items: center; box-sizing: border-box; width: 40px; height: 40px; margin: 0; padding: 0; border: 0; border-radius: 50%; background: none; cursor: pointer; transition: background-color 160ms }
button:hover { background: color-mix(in srgb, currentColor 9%, transparent) }
button:focus-visible { outline: 2px solid; outline-offset: -3px }
svg { display: block; width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round }
@media (prefers-reduced-motion: reduce) { button { transition: none } }
@media print { button { visibility: hidden } }`

// Draws the bell and returns a function that takes it away and says whether it had the focus.
export const drawBell = (place, ink, language, press) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    // By the prototype, since elements of the page may be named as what the document has.
    const make = (kind, name) => Document.prototype.createElementNS.call(document, `http://www.w3.org/${kind}`, name)
    const draw = (parent, name, values) => {
        const node = parent.appendChild(make('2000/svg', name))
        for (const key of Object.keys(values)) node.setAttribute(key, values[key])
        return node
    }
    const bell = make('1999/xhtml', 'button')
    bell.type = 'button'
    bell.ariaLabel = titles[language.slice(0, 2)] || titles.en
    bell.ariaHasPopup = 'dialog'
    bell.style.color = ink
    const drawing = draw(bell, 'svg', { viewBox: '0 0 20 20', 'aria-hidden': true })
    draw(drawing, 'path', { d: 'M10 2.6a5.4 5.4 0 0 0-5.4 5.4c0 3.3-.8 4.9-2.1 6.5h15c-1.3-1.6-2.1-3.2-2.1-6.5A5.4 5.4 0 0 0 10 2.6z' })
    draw(drawing, 'path', { d: 'M7.9 14.7a2.15 2.15 0 0 0 4.2 0' })
    // Like the frame's own, it is pressed without the page around it noticing.
    let held = false
    bell.onpointerdown = event => {
        held = !event.button
        addEventListener('pointerup', () => { held = false }, { __proto__: null, once: true })
    }
    bell.onclick = event => {
        held = false
        event.preventDefault()
        event.stopPropagation()
        press()
    }
    const root = place.attachShadow({ mode: 'open' })
    root.adoptedStyleSheets = [sheet]
    root.append(bell, make('1999/xhtml', 'slot'))
    return () => {
        const focused = root.activeElement == bell
        // Taken away between the press and the release, it would never be clicked.
        if (held) press()
        bell.remove()
        return focused
    }
}
