// A designer's afternoon: a theme that comes with Belfry, a drawing that is refused, rules that are changed, and an open page of the
// shop that follows each step that is published.
import { expect, reading, test } from '../support/console.ts'
import { own, sheets } from '../support/theme.ts'

const broken = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">\n  <path d="M4 4h16v16H4z"/>\n  <g><path d="M0 0">\n</svg>'

test('a theme is started, refused, changed, looked at, published, and rolled back', async ({ desk, reader, backend }) => {
    test.setTimeout(90_000)
    const { page } = desk
    await desk.setUp()
    const site = await desk.create(backend.pages.origin)
    const visit = reading(reader, site, backend)
    await site.contact('anna')
    await site.publish('Order 1042 is on its way')
    await visit.arrive()
    await visit.open()
    const item = visit.items.first()
    const plain = await own(item, 'border-top-left-radius')
    expect(await sheets(visit)).toEqual([])

    await desk.go('themes')
    await desk.button('Start from quiet').click()
    await desk.titled('Version 1')
    await expect(page.getByText('The draft is ready.')).toBeVisible()
    await expect(page.frameLocator('iframe[name=preview]').locator('.item').first()).toBeVisible()
    await desk.button('Publish').click()
    await expect.poll(() => own(item, 'border-top-left-radius'), { timeout: 10_000 }).toBe('14px')
    expect(plain).not.toBe('14px')

    await desk.go('themes')
    await page.locator('#bell').setInputFiles({ name: 'bell.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(broken) })
    await desk.button('Upload and check').click()
    const refusal = page.getByRole('alert')
    await expect(refusal.locator('.place').first()).toHaveText(/^bell\.svg:[34]:\d+$/)
    await expect(refusal.locator('.source').first()).toContainText('</svg>')

    await desk.go('themes')
    await desk.link('Edit CSS').click()
    const rules = desk.field('theme.css')
    await expect(rules).toHaveValue(/--belfry-radius/)
    await rules.fill(`${await rules.inputValue()}\n.item { border-radius: 3px; nonsense: }\n`)
    await rules.fill((await rules.inputValue()).replace(' nonsense: ', ' '))
    // What is typed is in the frame beside it, and nowhere else.
    const shown = page.frameLocator('iframe[name=preview]').locator('.item').first()
    await expect.poll(() => own(shown, 'border-top-left-radius'), { timeout: 15_000 }).toBe('3px')
    expect(await own(item, 'border-top-left-radius')).toBe('14px')
    await desk.button('Save draft').click()
    await expect(page.getByText('The draft is saved.')).toBeVisible()
    await desk.link('Go to the draft').click()
    const [gallery] = await Promise.all([page.waitForEvent('popup'), desk.button('Open the gallery').click()])
    await expect(gallery.locator('iframe').first()).toBeVisible()
    await gallery.close()
    await desk.button('Publish').click()
    await expect.poll(() => own(item, 'border-top-left-radius'), { timeout: 10_000 }).toBe('3px')

    await desk.go('themes')
    await desk.link('Version 1').click()
    await desk.button('Use this version again').click()
    await expect.poll(() => own(item, 'border-top-left-radius'), { timeout: 10_000 }).toBe('14px')
    await desk.go('themes/1')
    await desk.button('Restore the standard look').click()
    await expect.poll(() => sheets(visit), { timeout: 10_000 }).toEqual([])
    await expect(visit.panel).toBeVisible()
})

test('whoever types rules while somebody else saves theirs is told before anything is lost', async ({ desk, backend }) => {
    const { page } = desk
    await desk.setUp()
    await desk.create(backend.pages.origin)
    await desk.go('themes')
    await desk.button('Start from quiet').click()
    await desk.link('Edit CSS').click()
    const rules = desk.field('theme.css')
    await rules.fill('.item { border-radius: 3px }')
    const shown = page.frameLocator('iframe[name=preview]').locator('.item').first()
    await expect.poll(() => own(shown, 'border-top-left-radius'), { timeout: 15_000 }).toBe('3px')

    const other = await page.context().newPage()
    await other.goto(page.url())
    await other.locator('#css').fill('.item { border-radius: 5px }')
    // At once, while what was typed is still being tried.
    await other.getByRole('button', { name: 'Save draft' }).click()
    await expect(other.getByText('The draft is saved.')).toBeVisible()

    await rules.fill('.item { border-radius: 7px }')
    await expect(page.getByText('Someone else saved changes')).toBeVisible()
    await expect(page.locator('#editor-state pre')).toHaveText('.item { border-radius: 5px }')
    await expect(rules).toHaveValue('.item { border-radius: 7px }')
    await expect(desk.button('Save draft')).toBeHidden()
    await rules.fill('.item { border-radius: 9px }')
    await desk.button('Save anyway').click()
    await expect(page.getByText('The draft is saved.')).toBeVisible()
    await expect(rules).toHaveValue('.item { border-radius: 9px }')
})
