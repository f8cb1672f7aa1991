// Completes the loader's bell until the iframe has drawn its own: accessible name, the number
// encoded in the token, and hover styles. The loader draws the bell in a shadow root, imports this
// script and calls `finish`; it is separate because the loader must stay small. It must not depend
// on frames or messages, and requires no more of the page's content security policy than the
// loader: no inline styles, no markup from text.
//
// The widget's title in each of its languages; a test compares this list with the server's.
const titles = { en: 'Notifications', uk: 'Сповіщення' }
// As in widget.css.
const css = `
button { all: unset; position: relative; display: block; box-sizing: border-box; width: 40px; height: 40px; border-radius: 50%; cursor: pointer; transition: background-color 160ms }
button:hover { background: color-mix(in srgb, currentColor 9%, transparent) }
button:focus-visible { outline: 2px solid; outline-offset: -3px }
svg { display: block; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round }
b { position: absolute; inset-block-start: 0; inset-inline-end: 0; box-sizing: border-box; min-width: 18px; height: 18px; padding: 0 2px; display: grid; place-items: center; border: 2px solid var(--ground); border-radius: 9px; font: 700 10px/1 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif; font-variant-numeric: tabular-nums; text-align: center; color: light-dark(#ffffff, #2a0a0d); background: light-dark(#cf2436, #ff8087); background-clip: padding-box }
@media (prefers-reduced-motion: reduce) { button { transition: none } }
@media print { button { visibility: hidden } }`

const rightToLeft = /^(ar|ckb|dv|fa|he|iw|ku-arab|pa-arab|ps|sd|ug|ur|yi)\b/i

// The first colour, from the inside out, that is mostly opaque; as in frame.js.
const firstOpaque = backgrounds => {
    const colours = backgrounds.split(';')
    for (let index = 0; index < colours.length; index++) if (colours[index] && !/a.*, 0(\.[0-4]\d*)?\)/.test(colours[index])) return colours[index]
    return 'Canvas'
}

// The number of new messages, which the site's backend requested as part of the token
// `bft_<number>_…`.
const badgeText = token => {
    const count = +/^bft_(\d{1,3})_/.exec(token)?.[1]
    return count > 99 ? '99+' : count || ''
}

// Completes the loader's bell. The appearance is the one sent to the frame: colours from the inside
// out, and the colour scheme.
export const finish = (bell, appearance, language, token) => {
    const parts = appearance.split('|'), count = badgeText(token)
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    bell.getRootNode().adoptedStyleSheets = [sheet]
    bell.removeAttribute('style')
    bell.style.color = parts[0]
    bell.style.colorScheme = parts[2]
    bell.style.setProperty('--ground', firstOpaque(parts[1]))
    bell.type = 'button'
    bell.ariaLabel = titles[String(language).slice(0, 2)] || titles.en
    bell.ariaHasPopup = 'dialog'
    // The badge's position depends on the language of the inbox, not on the direction of the page.
    bell.dir = rightToLeft.test(language) ? 'rtl' : 'ltr'
    // Just after it is displayed, a press may reach the page instead of the frame; it then counts
    // for the bell.
    const frame = bell.getRootNode().host.querySelector('iframe')
    if (frame) frame.onpointerdown = event => frame.matches(':popover-open') || bell.onclick(event)
    if (!count) return
    // Through the prototype, because named elements of the page shadow members of the document.
    const badge = bell.appendChild(Document.prototype.createElement.call(document, 'b'))
    badge.textContent = count
    badge.ariaHidden = true
    badge.translate = false
}
