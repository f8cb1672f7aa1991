// Changes the site's theme in an open document. The previous one stays until the new style sheet is
// loaded, so that no partial state is displayed.
const { dataset } = document.documentElement
const sheets = () => [...document.querySelectorAll('link[href^="/t/"]')]
// Removes the style sheets before this one; a later one that is still loading stays.
const removePrevious = current => {
    const all = sheets()
    for (const previous of all.slice(0, current ? all.indexOf(current) : all.length)) previous.remove()
    document.getElementById('theme-first')?.remove()
}

document.addEventListener('belfry:line', ({ detail: { kind, data } }) => {
    // A preview of a draft keeps showing the draft.
    if (kind != 'themed' || 'draft' in dataset) return
    const href = data.sheet
    if (sheets().at(-1)?.getAttribute('href') == href) return
    if (!href) return removePrevious()
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', media: 'not all', href })
    link.onload = () => {
        if (!link.isConnected) return
        link.media = ''
        removePrevious(link)
    }
    link.onerror = () => link.remove()
    document.head.append(link)
})
