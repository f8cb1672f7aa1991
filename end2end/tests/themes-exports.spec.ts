// Drawings exported by design tools look the same after they were parsed, checked and printed
// again.
import { expect, test as base, type Page } from '@playwright/test'
import { check, corpus, files, builtin } from '../support/theme.ts'

type Scheme = 'light' | 'dark'

/**
 * A page for each colour scheme, shared by all drawings of a worker: a page of its own costs more
 * than a drawing.
 */
const test = base.extend<object, { pageFor: (colorScheme: Scheme) => Promise<Page> }>({
    pageFor: [
        async ({ browser }, use) => {
            const pages = new Map<Scheme, Promise<Page>>()
            const open = async (colorScheme: Scheme) => (await browser.newContext({ colorScheme, deviceScaleFactor: 2 })).newPage()
            await use(colorScheme => {
                const page = pages.get(colorScheme) ?? open(colorScheme)
                pages.set(colorScheme, page)
                return page
            })
            for (const page of pages.values()) await (await page).context().close()
        },
        { scope: 'worker' }
    ]
})

type Drawing = { name: string; kind: 'bell' | 'card'; bytes: Buffer }

const drawings: Drawing[] = [
    ...corpus('svg/benign').map(({ name, bytes }): Drawing => ({ name, kind: name.includes('card') ? 'card' : 'bell', bytes })),
    ...builtin.flatMap(name => (['bell', 'card'] as const).flatMap((kind): Drawing[] => (files(name)[kind] ? [{ name: `${name} ${kind}`, kind, bytes: Buffer.from(files(name)[kind] ?? '') }] : [])))
]
/**
 * The share of pixels that may differ visibly, and the channel difference that counts as visible.
 */
const tolerance = 0.005
const visible = 12

/** Animations are compared stopped: two screenshots never show the same moment. */
const atRest = (drawing: Buffer) => Buffer.from(drawing.toString().replace(/<(animate\w*|set)\b[^>]*?(\/>|>[\s\S]*?<\/\1>)|\banimation(-[a-z]+)*\s*:[^;}"]*/g, ''))

/** Displays a drawing as the widget does, as an image of this size in pixels. */
const picture = async (page: Page, drawing: Buffer, ground: string, [width, height]: [number, number]) => {
    await page.setContent(`<!doctype html><style>body { margin: 0; background: ${ground} } img { display: block; width: ${width}px; height: ${height}px }</style><img src="data:image/svg+xml;base64,${atRest(drawing).toString('base64')}">`)
    await page.locator('img').evaluate((image: HTMLImageElement) => image.decode())
    const shot = await page.locator('img').screenshot({ animations: 'disabled' })
    return shot.toString('base64')
}

const differ = (page: Page, one: string, other: string) =>
    page.evaluate(
        async ({ sources, visible }) => {
            const [first, second] = await Promise.all(
                sources.map(async source => {
                    const bytes = Uint8Array.from(atob(source), letter => letter.charCodeAt(0))
                    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
                    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
                    context?.drawImage(bitmap, 0, 0)
                    return context?.getImageData(0, 0, bitmap.width, bitmap.height)
                })
            )
            if (!first || !second || first.width !== second.width || first.height !== second.height) return { share: 1, drawn: 0 }
            let count = 0
            const kinds = new Set<string>()
            for (let pixel = 0; pixel < first.data.length; pixel += 4) {
                const of = (data: Uint8ClampedArray, channel: number) => data[pixel + channel] ?? 0
                if ([0, 1, 2].some(channel => Math.abs(of(first.data, channel) - of(second.data, channel)) > visible)) count++
                kinds.add(first.data.subarray(pixel, pixel + 3).join())
            }
            return { share: count / (first.width * first.height), drawn: kinds.size }
        },
        { sources: [one, other], visible }
    )

const size = (drawing: Buffer): [number, number] => {
    const root = /<(svg:)?svg[^>]*>/s.exec(drawing.toString())?.[0] ?? ''
    const [, , , wide, high] = /viewBox="[ ,]*([-\d.]+)[ ,]+([-\d.]+)[ ,]+([-\d.]+)[ ,]+([-\d.]+)/.exec(root) ?? []
    const said = (name: string) => Number(new RegExp(`\\s${name}="([\\d.]+)(px)?"`).exec(root)?.[1] ?? 0)
    const [width, height] = [Number(wide) || said('width'), Number(high) || said('height')]
    const scale = Math.min(1, 400 / width) * (width < 60 ? 4 : 1)
    return [Math.round(width * scale), Math.round(height * scale)]
}

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
        for (const { name, kind, bytes } of drawings) {
            test(name, async ({ pageFor }) => {
                const page = await pageFor(colorScheme)
                const printed = await check(kind, bytes)
                expect(printed, 'refused').toBeDefined()
                const ground = colorScheme === 'light' ? '#fff' : '#15181e'
                const before = await picture(page, bytes, ground, size(bytes))
                const after = await picture(page, Buffer.from(printed ?? ''), ground, size(bytes))
                const { share, drawn } = await differ(page, before, after)
                test.info().annotations.push({ type: 'differs', description: `${(share * 100).toFixed(3)} %` })
                console.log(`${colorScheme} ${name}: ${(share * 100).toFixed(3)} %, ${drawn} colours, ${size(bytes).join(' × ')}`)
                // Otherwise empty images would be compared.
                expect(drawn).toBeGreaterThan(1)
                expect(share).toBeLessThanOrEqual(tolerance)
            })
        }
    })
}
