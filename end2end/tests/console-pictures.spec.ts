// Screenshots of every page of the console, for desktop and phone, light and dark; in Ukrainian
// with BELFRY_PICTURES_IN=uk.
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { Desk, expect, person, test } from '../support/console.ts'
import { furnish, visitPage } from '../support/furnish.ts'

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

        test('screenshots of every page', async ({ browser, desk, reader, backend }) => {
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
            // A form after an edit conflict, and the second step of signing in.
            const both = async (name: string, shown: Desk) => {
                for (const width of [1280, 390]) {
                    await shown.page.setViewportSize({ width, height: 800 })
                    await shown.page.screenshot({ path: join(folder ?? '', `${name}-${width}-${colorScheme}-${language}.png`), fullPage: true, animations: 'disabled' })
                }
            }
            const change = async (page: typeof desk.page, name: string) => {
                await page.locator('input[name=firstName]').fill(name)
                await page.locator('main .actions button').click()
            }
            const edit = pages.get('contact-edit') ?? ''
            await visitPage(desk, edit)
            const other = await desk.page.context().newPage()
            await other.goto(desk.page.url())
            await change(other, 'Annette')
            await other.close()
            await change(desk.page, 'Ann')
            await expect(desk.main.getByRole('alert')).toBeVisible()
            await both('contact-overtaken', desk)

            await visitPage(desk, '/console/account')
            await desk.page.locator('button[name=do][value=begin]').click()
            await both('account-begun', desk)
            await desk.page.locator('input[name=code]').fill(digits(await desk.page.locator('#factor-key').inputValue()))
            await desk.page.locator('button[name=do][value=confirm]').click()
            await expect(desk.page.locator('button[name=do][value=remove]')).toBeVisible()
            await both('account-second-factor', desk)

            const stranger = await Desk.at(browser, desk.belfry, { colorScheme, locale: language })
            for (const width of [1280, 390]) {
                await stranger.page.setViewportSize({ width, height: 800 })
                await visitPage(stranger, '/console/sign-in')
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
