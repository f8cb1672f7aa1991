// Gives this document an address in the frame's history, so that the browser can go back to it. It
// is the response to the form with the token, which is not sent twice: the browser would show an
// error instead.
const { dataset } = document.documentElement
const query = { reader: dataset.reader, language: dataset.language, scheme: dataset.scheme }
if (dataset.view) query.view = dataset.view
if (parent != window && dataset.reader && location.pathname == dataset.base) history.replaceState('', '', `${dataset.base}/page?${new URLSearchParams(query)}`)
