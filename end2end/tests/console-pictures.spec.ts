// Pictures of every page of the console for people to look at, on a desk and on a phone, light and dark.
import { join } from 'node:path'
import { expect, test } from '../support/console.ts'
import { furnish, visitPage } from '../support/furnish.ts'

const folder = process.env.BELFRY_PICTURES

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme })

        test('pictures of every page', async ({ desk, reader, backend }) => {
            test.skip(!folder, 'only when it is asked for, with BELFRY_PICTURES=/a/folder')
            test.setTimeout(300_000)
            const wide: string[] = []
            const pages = await furnish(desk, reader, backend)
            for (const width of [1280, 390]) {
                await desk.page.setViewportSize({ width, height: 800 })
                for (const [name, path] of pages) {
                    await visitPage(desk, path)
                    await desk.page.screenshot({ path: join(folder ?? '', `${name}-${width}-${colorScheme}.png`), fullPage: true, animations: 'disabled' })
                    const room = await desk.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
                    if (room) wide.push(`${name} at ${width}: ${room} px too wide`)
                }
            }
            expect(wide).toEqual([])
        })
    })
}
