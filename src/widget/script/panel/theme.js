// The look of the site changes while one looks. The former one holds until the new one is there, so that nobody sees half of either.
const { dataset } = document.documentElement
const sheets = () => [...document.querySelectorAll('link[href^="/t/"]')]
// What came before this one goes; one that came after it, and is still on its way, stays.
const leave = kept => {
    const all = sheets()
    for (const former of all.slice(0, kept ? all.indexOf(kept) : all.length)) former.remove()
    document.getElementById('theme-first')?.remove()
}

document.addEventListener('belfry:line', ({ detail: { kind, data } }) => {
    // Whoever looks at a draft goes on looking at it.
    if (kind != 'themed' || 'draft' in dataset) return
    const href = data.sheet
    if (sheets().at(-1)?.getAttribute('href') == href) return
    if (!href) return leave()
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', media: 'not all', href })
    link.onload = () => {
        if (!link.isConnected) return
        link.media = ''
        leave(link)
    }
    link.onerror = () => link.remove()
    document.head.append(link)
})
