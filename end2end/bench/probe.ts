// The probe in each document: reports when something is first painted, and when the bell was
// pressed. It is passed to the browser as text, so it must not use anything outside itself.

/**
 * What to look for in one document: names and selectors. A frame counts from this width in pixels.
 */
export type Sights = Record<string, { selector: string; least?: number }>
export type Sight = { name: string; at: number; x: number; y: number; text?: string }

const look = (sights: Sights) => {
    const now = () => performance.timeOrigin + performance.now()
    const tell = (sight: Sight) => (globalThis as unknown as { belfrySight: (text: string) => void }).belfrySight(JSON.stringify(sight))
    const find = (root: ParentNode, selector: string): Element | null => {
        const found = root.querySelector(selector)
        if (found) return found
        for (const node of root.querySelectorAll('*')) {
            const inside = node.shadowRoot && find(node.shadowRoot, selector)
            if (inside) return inside
        }
        return null
    }
    const centre = ({ selector, least = 1 }: Sights[string]) => {
        const node = find(document, selector)
        if (!node?.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return
        const { left, top, width, height } = node.getBoundingClientRect()
        if (width >= least && height >= least && left < innerWidth && top < innerHeight && left + width > 0 && top + height > 0) return { x: left + width / 2, y: top + height / 2, text: node.textContent?.trim() }
    }
    for (const [name, sight] of Object.entries(sights)) {
        const step = () => {
            const place = centre(sight)
            if (!place) return void requestAnimationFrame(step)
            // A message sent before a frame is painted arrives after it.
            const { port1, port2 } = new MessageChannel()
            port1.onmessage = () => tell({ name, at: now(), ...place })
            port2.postMessage(0)
        }
        requestAnimationFrame(step)
    }
    addEventListener('pointerdown', ({ timeStamp, x, y }) => tell({ name: 'press', at: performance.timeOrigin + timeStamp, x, y }), { capture: true, once: true })
}

/**
 * For a page's own document, or for one inside it; a frame starts as an empty document of the
 * page's process.
 */
export const probe = (sights: Sights, inside: boolean) => `top === window ^ ${inside} && (${look.toString()})(${JSON.stringify(sights)})`
