// The console for everybody: what a machine can say of each page with something on it, and work by the keyboard alone.
import { AxeBuilder } from '@axe-core/playwright'
import type { Locator, Page } from '@playwright/test'
import { expect, person, reading, test } from '../support/console.ts'
import { furnish, visitPage } from '../support/furnish.ts'

// The widget in a frame is another page with tests of its own.
const examine = async (page: Page, name: string) => {
    const { violations } = await new AxeBuilder({ page }).exclude('iframe').analyze()
    return violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(node => `${node.html.slice(0, 140)} ${node.any[0]?.message ?? ''}`).join(' | ')}`)
}

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme })

        test('every page is accessible with something on it', async ({ desk, reader, backend, browser }) => {
            test.setTimeout(360_000)
            const pages = await furnish(desk, reader, backend)
            const found: string[] = []
            for (const [name, path] of pages) {
                await visitPage(desk, path)
                found.push(...(await examine(desk.page, name)))
            }
            // With everything unfolded, and with what is refused.
            await desk.go('messages/new')
            for (const details of await desk.page.locator('main details').all()) await details.evaluate((part: HTMLDetailsElement) => (part.open = true))
            found.push(...(await examine(desk.page, 'message-new unfolded')))
            await desk.button('Review and send').click()
            await expect(desk.page.getByRole('alert')).toBeVisible()
            found.push(...(await examine(desk.page, 'message-new refused')))
            await desk.field('Title').fill('We are open')
            await desk.button('Review and send').click()
            await desk.titled('Review')
            found.push(...(await examine(desk.page, 'review')))
            await desk.go('themes')
            await desk.page.locator('#bell').setInputFiles({ name: 'bell.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg><g></svg>') })
            await desk.button('Upload and check').click()
            await expect(desk.page.getByRole('alert')).toBeVisible()
            found.push(...(await examine(desk.page, 'theme refused')))
            const stranger = await (await browser.newContext()).newPage()
            await stranger.goto(`${desk.belfry.origin}/console`)
            await expect(stranger.getByRole('heading', { name: 'Sign in' })).toBeVisible()
            found.push(...(await examine(stranger, 'sign-in')))
            await stranger.context().close()
            expect(found.join('\n')).toBe('')
        })
    })
}

/** Goes on by the Tab key until this has the focus. */
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

test('signing in and sending a message take no mouse', async ({ desk, reader, backend }) => {
    test.setTimeout(90_000)
    const { page } = desk
    await desk.setUp()
    const site = await desk.create(backend.pages.origin)
    await site.contact('anna')
    const visit = reading(reader, site, backend)
    await visit.arrive()
    await visit.open()
    const keys = page.keyboard
    const press = async (place: Locator, key = 'Enter') => {
        await reach(page, place)
        await keys.press(key)
    }
    await press(page.getByRole('button', { name: 'Sign out' }))
    await desk.titled('Sign in')
    await expect(desk.field('E-mail')).toBeFocused()
    await keys.type(person.email)
    await keys.press('Tab')
    await keys.type(person.password)
    await keys.press('Enter')
    await desk.titled('Sites')
    // The first stop of each page leads past its navigation.
    await keys.press('Tab')
    await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused()
    await keys.press('Enter')
    await press(desk.link('Lamp shop'))
    await desk.titled('Overview')
    await press(page.getByRole('navigation').getByRole('link', { name: 'Messages' }))
    await press(desk.link('New message'))
    await desk.titled('New message')
    await reach(page, desk.field('Title'))
    await keys.type('Typed, not clicked')
    await keys.press('Tab')
    await reach(page, desk.field('Text'))
    await keys.type('This is ')
    await keys.press('Control+b')
    await keys.type('bold')
    await expect(desk.field('Text')).toHaveValue('This is **bold**')
    await press(desk.button('Review and send'))
    await desk.titled('Review')
    await press(desk.button('Send now'))
    await expect(page.getByText('Sending in a few seconds.')).toBeVisible()
    await expect(visit.item('Typed, not clicked')).toBeVisible({ timeout: 25_000 })
})
