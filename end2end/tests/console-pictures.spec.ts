// Screenshots of every page of the console, for desktop and phone, light and dark; in Ukrainian
// with BELFRY_PICTURES_IN=uk.
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { ConsolePage, expect, person, test } from '../support/console.ts'
import { seed, openPage } from '../support/seed.ts'

const folder = process.env.BELFRY_PICTURES
const language = process.env.BELFRY_PICTURES_IN ?? 'en'

/** The code that an authenticator app shows for this key in base 32. */
const digits = (key: string): string => {
    const bits = [...key].map(letter => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
    const secret = Buffer.from(bits.match(/.{8}/g)?.map(byte => parseInt(byte, 2)) ?? [])
    const step = Buffer.alloc(8)
    step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
    const hash = createHmac('sha1', secret).update(step).digest()
    const at = hash.readUInt8(hash.length - 1) & 15
    return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme })

        test('screenshots of every page', async ({ browser, consolePage, reader, backend }) => {
            test.skip(!folder, 'only when it is asked for, with BELFRY_PICTURES=/a/folder')
            test.setTimeout(300_000)
            const wide: string[] = []
            const pages = await seed(consolePage, reader, backend)
            await consolePage.speak(language)
            for (const width of [1280, 390]) {
                await consolePage.page.setViewportSize({ width, height: 800 })
                for (const [name, path] of pages) {
                    await openPage(consolePage, path)
                    await consolePage.page.screenshot({ path: join(folder ?? '', `${name}-${width}-${colorScheme}-${language}.png`), fullPage: true, animations: 'disabled' })
                    const room = await consolePage.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
                    if (room) wide.push(`${name} at ${width}: ${room} px too wide`)
                }
            }
            // A form after an edit conflict, and the second step of signing in.
            const both = async (name: string, shown: ConsolePage) => {
                for (const width of [1280, 390]) {
                    await shown.page.setViewportSize({ width, height: 800 })
                    await shown.page.screenshot({ path: join(folder ?? '', `${name}-${width}-${colorScheme}-${language}.png`), fullPage: true, animations: 'disabled' })
                }
            }
            const change = async (page: typeof consolePage.page, name: string) => {
                await page.locator('input[name=firstName]').fill(name)
                await page.locator('main .actions button').click()
            }
            const edit = pages.get('contact-edit') ?? ''
            await openPage(consolePage, edit)
            const other = await consolePage.page.context().newPage()
            await other.goto(consolePage.page.url())
            await change(other, 'Annette')
            await other.close()
            await change(consolePage.page, 'Ann')
            await expect(consolePage.main.getByRole('alert')).toBeVisible()
            await both('contact-overtaken', consolePage)

            await openPage(consolePage, '/console/account')
            await consolePage.page.locator('button[name=do][value=begin]').click()
            await both('account-begun', consolePage)
            await consolePage.page.locator('input[name=code]').fill(digits(await consolePage.page.locator('#factor-key').inputValue()))
            await consolePage.page.locator('button[name=do][value=confirm]').click()
            await expect(consolePage.page.locator('button[name=do][value=remove]')).toBeVisible()
            await both('account-second-factor', consolePage)

            const stranger = await ConsolePage.at(browser, consolePage.belfry, { colorScheme, locale: language })
            for (const width of [1280, 390]) {
                await stranger.page.setViewportSize({ width, height: 800 })
                await openPage(stranger, '/console/sign-in')
                await stranger.page.screenshot({ path: join(folder ?? '', `sign-in-${width}-${colorScheme}-${language}.png`), fullPage: true })
            }
            await stranger.page.locator('input[name=email]').fill(person.email)
            await stranger.page.locator('input[name=password]').fill(person.password)
            await stranger.page.locator('main button').click()
            await expect(stranger.page.locator('input[name=code]')).toBeVisible()
            await both('sign-in-code', stranger)
            await stranger.page.locator('input[name=code]').fill('000000')
            await stranger.page.locator('main button').click()
            await expect(stranger.page.locator('.wrong')).toBeVisible()
            await both('sign-in-code-wrong', stranger)
            await stranger.page.context().close()
            expect(wide).toEqual([])
        })
    })
}
