// The document belongs to a reader who is no longer signed in, and no loader is there to load it
// again.
const { dataset } = document.documentElement

document.addEventListener('belfry:say', ({ detail }) => {
    if (detail.belfry != 'embed' || 'host' in dataset) return
    if (parent == window) return location.replace(dataset.base + '?view=page')
    document.body.textContent = JSON.parse(dataset.texts || '{}').session_over
    document.body.hidden = false
})
