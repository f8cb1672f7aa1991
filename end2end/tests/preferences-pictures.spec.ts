// Screenshots of the preferences page, on which a reader mutes categories.
import { join } from 'node:path'
import { expect, readerPageOf, test } from '../support/console.ts'

const folder = process.env.BELFRY_PICTURES

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme })

        test('screenshots of the preferences', async ({ consolePage, browser, backend }) => {
            test.skip(!folder, 'only when it is asked for, with BELFRY_PICTURES=/a/folder')
            test.setTimeout(180_000)
            await consolePage.setUp()
            const site = await consolePage.create(backend.pages.origin)
            const category = (name: string, labels: Record<string, string>, mutable = true) => ({ name, labels, mutable })
            const categories = [
                category('news', { en: 'News & offers', ar: 'الأخبار والعروض' }),
                category('tips', { en: 'Tips for your lamps, and a long label that goes on and on for a while' }),
                category('plain', {}),
                category('orders', {}, false)
            ]
            await site.call('PUT', '/site/settings', { categories })
            await site.contact('anna')
            for (const language of ['en', 'ar']) {
                for (const width of [1280, 390]) {
                    const page = await (await browser.newContext({ colorScheme, viewport: { width, height: 800 } })).newPage()
                    const readerPage = readerPageOf(page, site, backend)
                    await readerPage.arrive({ language })
                    await readerPage.open()
                    await readerPage.frame.locator('button[name=do][value=show]').click()
                    await expect(readerPage.frame.locator('.choices')).toBeVisible()
                    await page.screenshot({ path: join(folder ?? '', `preferences-${width}-${colorScheme}-${language}.png`), animations: 'disabled' })
                    await page.context().close()
                }
            }
        })
    })
}
