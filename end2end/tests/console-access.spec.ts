// Accessibility of the console: automated checks of each page with data, and keyboard operation.
import { AxeBuilder } from '@axe-core/playwright'
import type { Locator, Page } from '@playwright/test'
import { expect, person, readerPageOf, test } from '../support/console.ts'
import { seed, openPage } from '../support/seed.ts'

// The widget in a frame is another page with tests of its own.
const examine = async (page: Page, name: string) => {
    const { violations } = await new AxeBuilder({ page }).exclude('iframe').analyze()
    return violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(node => `${node.html.slice(0, 140)} ${node.any[0]?.message ?? ''}`).join(' | ')}`)
}

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme })

        test('every page with data is accessible', async ({ consolePage, reader, backend, browser }) => {
            test.setTimeout(360_000)
            const pages = await seed(consolePage, reader, backend)
            const found: string[] = []
            for (const [name, path] of pages) {
                await openPage(consolePage, path)
                found.push(...(await examine(consolePage.page, name)))
            }
            // With everything expanded, and with validation errors.
            await consolePage.go('messages/new')
            for (const details of await consolePage.page.locator('main details').all()) await details.evaluate((part: HTMLDetailsElement) => (part.open = true))
            found.push(...(await examine(consolePage.page, 'message-new unfolded')))
            await consolePage.button('Review and send').click()
            await expect(consolePage.page.getByRole('alert')).toBeVisible()
            found.push(...(await examine(consolePage.page, 'message-new refused')))
            await consolePage.field('Title').fill('We are open')
            await consolePage.button('Review and send').click()
            await consolePage.titled('Review')
            found.push(...(await examine(consolePage.page, 'review')))
            await consolePage.go('themes')
            await consolePage.page.locator('#bell').setInputFiles({ name: 'bell.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg><g></svg>') })
            await consolePage.button('Upload and check').click()
            await expect(consolePage.page.getByRole('alert')).toBeVisible()
            found.push(...(await examine(consolePage.page, 'theme refused')))
            const stranger = await (await browser.newContext()).newPage()
            await stranger.goto(`${consolePage.belfry.origin}/console`)
            await expect(stranger.getByRole('heading', { name: 'Sign in' })).toBeVisible()
            found.push(...(await examine(stranger, 'sign-in')))
            await stranger.context().close()
            expect(found.join('\n')).toBe('')
        })
    })
}

/** Presses Tab until this element has the focus. */
const reach = async (page: Page, place: Locator) => {
    await expect(place).toBeVisible()
    for (let step = 0; step < 80; step++) {
        if (await place.evaluate(element => element === document.activeElement)) {
            const outline = await place.evaluate(element => getComputedStyle(element).outlineStyle + getComputedStyle(element).boxShadow)
            expect(outline, 'the focus shows').not.toBe('nonenone')
            return
        }
        await page.keyboard.press('Tab')
    }
    throw new Error(`the Tab key does not lead to ${place}`)
}

test('signing in and sending a message work without a mouse', async ({ consolePage, reader, backend }) => {
    test.setTimeout(90_000)
    const { page } = consolePage
    await consolePage.setUp()
    const site = await consolePage.create(backend.pages.origin)
    await site.contact('anna')
    const readerPage = readerPageOf(reader, site, backend)
    await readerPage.arrive()
    await readerPage.open()
    const keys = page.keyboard
    const press = async (place: Locator, key = 'Enter') => {
        await reach(page, place)
        await keys.press(key)
    }
    await press(page.getByRole('button', { name: 'Sign out' }))
    await consolePage.titled('Sign in')
    await expect(consolePage.field('E-mail')).toBeFocused()
    await keys.type(person.email)
    await keys.press('Tab')
    await keys.type(person.password)
    await keys.press('Enter')
    await consolePage.titled('Sites')
    // The first tab stop of each page is the skip link.
    await keys.press('Tab')
    await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused()
    await keys.press('Enter')
    await press(consolePage.link('Lamp shop'))
    await consolePage.titled('Overview')
    await press(page.getByRole('navigation').getByRole('link', { name: 'Messages' }))
    await press(consolePage.link('New message'))
    await consolePage.titled('New message')
    await reach(page, consolePage.field('Title'))
    await keys.type('Typed, not clicked')
    await keys.press('Tab')
    await reach(page, consolePage.field('Text'))
    await keys.type('This is ')
    await keys.press('Control+b')
    await keys.type('bold')
    await expect(consolePage.field('Text')).toHaveValue('This is **bold**')
    await press(consolePage.button('Review and send'))
    await consolePage.titled('Review')
    await press(consolePage.button('Send now'))
    await expect(page.getByText('Sending in a few seconds.')).toBeVisible()
    await expect(readerPage.item('Typed, not clicked')).toBeVisible({ timeout: 25_000 })
})
