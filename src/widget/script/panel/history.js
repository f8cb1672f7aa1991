// Gives this document an address in the frame's history by which a browser can go back to it. It came by the form with the token, which is
// not sent twice: in its place a browser would show an error.
const { dataset } = document.documentElement
const query = { reader: dataset.reader, language: dataset.language, scheme: dataset.scheme }
if (dataset.view) query.view = dataset.view
if (parent != window && dataset.reader && location.pathname == dataset.base) history.replaceState('', '', `${dataset.base}/page?${new URLSearchParams(query)}`)
