// A designer's work: a built-in theme, a rejected drawing, edited rules, and an open page of the
// shop that follows each published version.
import { expect, readerPageOf, test } from '../support/console.ts'
import { customProperty, sheets } from '../support/theme.ts'

const broken = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">\n  <path d="M4 4h16v16H4z"/>\n  <g><path d="M0 0">\n</svg>'

test('a theme is copied, rejected, edited, previewed, published and rolled back', async ({ consolePage, reader, backend }) => {
    test.setTimeout(90_000)
    const { page } = consolePage
    await consolePage.setUp()
    const site = await consolePage.create(backend.pages.origin)
    const readerPage = readerPageOf(reader, site, backend)
    await site.contact('anna')
    await site.publish('Order 1042 is on its way')
    await readerPage.arrive()
    await readerPage.open()
    const item = readerPage.items.first()
    const plain = await customProperty(item, 'border-top-left-radius')
    expect(await sheets(readerPage)).toEqual([])

    await consolePage.go('themes')
    await consolePage.button('Start from quiet').click()
    await consolePage.titled('Version 1')
    await expect(page.getByText('The draft is ready.')).toBeVisible()
    await expect(page.frameLocator('iframe[name=preview]').locator('.item').first()).toBeVisible()
    await consolePage.button('Publish').click()
    await expect.poll(() => customProperty(item, 'border-top-left-radius'), { timeout: 10_000 }).toBe('14px')
    expect(plain).not.toBe('14px')

    await consolePage.go('themes')
    await page.locator('#bell').setInputFiles({ name: 'bell.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(broken) })
    await consolePage.button('Upload and check').click()
    const refusal = page.getByRole('alert')
    await expect(refusal.locator('.place').first()).toHaveText(/^bell\.svg:[34]:\d+$/)
    await expect(refusal.locator('.source').first()).toContainText('</svg>')

    await consolePage.go('themes')
    await consolePage.link('Edit CSS').click()
    const rules = consolePage.field('theme.css')
    await expect(rules).toHaveValue(/--belfry-radius/)
    await rules.fill(`${await rules.inputValue()}\n.item { border-radius: 3px; nonsense: }\n`)
    await rules.fill((await rules.inputValue()).replace(' nonsense: ', ' '))
    // Typed rules apply to the adjacent preview frame, and nowhere else.
    const shown = page.frameLocator('iframe[name=preview]').locator('.item').first()
    await expect.poll(() => customProperty(shown, 'border-top-left-radius'), { timeout: 15_000 }).toBe('3px')
    expect(await customProperty(item, 'border-top-left-radius')).toBe('14px')
    await consolePage.button('Save draft').click()
    await expect(page.getByText('The draft is saved.')).toBeVisible()
    await consolePage.link('Go to the draft').click()
    const [gallery] = await Promise.all([page.waitForEvent('popup'), consolePage.button('Open the gallery').click()])
    await expect(gallery.locator('iframe').first()).toBeVisible()
    await gallery.close()
    await consolePage.button('Publish').click()
    await expect.poll(() => customProperty(item, 'border-top-left-radius'), { timeout: 10_000 }).toBe('3px')

    await consolePage.go('themes')
    await consolePage.link('Version 1').click()
    await consolePage.button('Use this version again').click()
    await expect.poll(() => customProperty(item, 'border-top-left-radius'), { timeout: 10_000 }).toBe('14px')
    await consolePage.go('themes/1')
    await consolePage.button('Restore the standard look').click()
    await expect.poll(() => sheets(readerPage), { timeout: 10_000 }).toEqual([])
    await expect(readerPage.panel).toBeVisible()
})

test('an editor is warned of a concurrent save before anything is overwritten', async ({ consolePage, backend }) => {
    const { page } = consolePage
    await consolePage.setUp()
    await consolePage.create(backend.pages.origin)
    await consolePage.go('themes')
    await consolePage.button('Start from quiet').click()
    await consolePage.link('Edit CSS').click()
    const rules = consolePage.field('theme.css')
    await rules.fill('.item { border-radius: 3px }')
    const shown = page.frameLocator('iframe[name=preview]').locator('.item').first()
    await expect.poll(() => customProperty(shown, 'border-top-left-radius'), { timeout: 15_000 }).toBe('3px')

    const other = await page.context().newPage()
    await other.goto(page.url())
    await other.locator('#css').fill('.item { border-radius: 5px }')
    // At once, while the typed rules are still being checked.
    await other.getByRole('button', { name: 'Save draft' }).click()
    await expect(other.getByText('The draft is saved.')).toBeVisible()

    await rules.fill('.item { border-radius: 7px }')
    await expect(page.getByText('Someone else saved changes')).toBeVisible()
    await expect(page.locator('#editor-state pre')).toHaveText('.item { border-radius: 5px }')
    await expect(rules).toHaveValue('.item { border-radius: 7px }')
    await expect(consolePage.button('Save draft')).toBeHidden()
    await rules.fill('.item { border-radius: 9px }')
    await consolePage.button('Save anyway').click()
    await expect(page.getByText('The draft is saved.')).toBeVisible()
    await expect(rules).toHaveValue('.item { border-radius: 9px }')
})
