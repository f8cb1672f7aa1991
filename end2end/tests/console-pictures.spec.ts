// Pictures of every page of the console for people to look at, on a desk and on a phone, light and dark; with BELFRY_PICTURES_IN=uk in
// Ukrainian.
import { join } from 'node:path'
import { Desk, expect, test } from '../support/console.ts'
import { furnish, visitPage } from '../support/furnish.ts'

const folder = process.env.BELFRY_PICTURES
const language = process.env.BELFRY_PICTURES_IN ?? 'en'

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme })

        test('pictures of every page', async ({ browser, desk, reader, backend }) => {
            test.skip(!folder, 'only when it is asked for, with BELFRY_PICTURES=/a/folder')
            test.setTimeout(300_000)
            const wide: string[] = []
            const pages = await furnish(desk, reader, backend)
            await desk.speak(language)
            for (const width of [1280, 390]) {
                await desk.page.setViewportSize({ width, height: 800 })
                for (const [name, path] of pages) {
                    await visitPage(desk, path)
                    await desk.page.screenshot({ path: join(folder ?? '', `${name}-${width}-${colorScheme}-${language}.png`), fullPage: true, animations: 'disabled' })
                    const room = await desk.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
                    if (room) wide.push(`${name} at ${width}: ${room} px too wide`)
                }
            }
            const stranger = await Desk.at(browser, desk.belfry, { colorScheme, locale: language })
            for (const width of [1280, 390]) {
                await stranger.page.setViewportSize({ width, height: 800 })
                await visitPage(stranger, '/console/sign-in')
                await stranger.page.screenshot({ path: join(folder ?? '', `sign-in-${width}-${colorScheme}-${language}.png`), fullPage: true })
            }
            await stranger.page.context().close()
            expect(wide).toEqual([])
        })
    })
}
