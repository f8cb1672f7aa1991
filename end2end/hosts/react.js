// A React page whose header is rendered again on every change, and once thrown away and rebuilt.
import { createElement as h, StrictMode, useEffect, useRef, useState } from 'react'
import { createRoot } from 'react-dom/client'

const Shop = ({ start }) => {
    const [clicks, setClicks] = useState(0)
    const place = useRef(null)
    useEffect(() => {
        start(() => place.current)
        return () => eS('logout')
    }, [])
    return h('div', null,
        h('header', { key: clicks > 4 ? 'second' : 'first', className: `clicks-${clicks}` },
            h('button', { id: 'count', onClick: () => setClicks(clicks + 1) }, `Clicked ${clicks}`),
            h('b', { id: 'target', ref: place })))
}

window.render = start => createRoot(document.querySelector('#app')).render(h(StrictMode, null, h(Shop, { start })))
