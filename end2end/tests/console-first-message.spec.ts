// From a new instance to the first message that somebody has read, all of it in the console, with scripts and without.
import { expect, reading, shopPage, test } from '../support/console.ts'

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
        test.use({ javaScriptEnabled })

        test('the first account leads to the first message read', async ({ desk, reader, backend }) => {
            test.setTimeout(120_000)
            const { page } = desk
            await desk.setUp()
            const site = await desk.create(backend.pages.origin)
            await expect(desk.step('Create the site')).toHaveClass('done')
            await expect(desk.step('Add the snippet to your pages')).toHaveClass('next')

            await desk.link('Add the snippet to your pages').click()
            await desk.titled('Installation')
            await expect(page.getByText('No activity yet')).toBeVisible()
            const snippet = await desk.field('Snippet').inputValue()
            const visit = reading(reader, site, backend)
            await site.contact('anna', { email: 'anna@shop.example', firstName: 'Anna' })
            await reader.goto(shopPage(backend, site, snippet))
            await visit.awake()
            await visit.open()
            await expect(async () => {
                await desk.link('Check again').click()
                await expect(page.getByText(`${backend.pages.origin} shows the bell.`)).toBeVisible({ timeout: 500 })
                await expect(page.getByText('Your backend gets tokens.')).toBeVisible({ timeout: 500 })
            }).toPass()
            await expect(page.getByText('Action needed')).toHaveCount(0)

            await desk.go()
            await expect(desk.step('Get tokens from your backend')).toHaveClass('done')
            await desk.link('Send the first message').click()
            await desk.link('New message').click()
            await desk.fill({ Title: 'We are open', Text: 'Come in, **Anna**.', Link: 'https://shop.example/' })
            const preview = page.frameLocator('iframe[name=preview]')
            if (!javaScriptEnabled) {
                await desk.button('Preview').click()
                await desk.button('Show').click()
            }
            await expect(preview.locator('.item .title').first()).toContainText('We are open')
            await expect(preview.locator('.item strong').first()).toHaveText('Anna')

            // Sent, thought better of, and sent again.
            await desk.button('Review and send').click()
            await desk.titled('Review')
            await expect(page.locator('.facts .big')).toHaveText('1')
            await desk.button('Send now').click()
            await expect(page.getByText('Sending in a few seconds.')).toBeVisible()
            await desk.button('Undo').click()
            await expect(page.getByText('Nothing was sent. Your message is below.')).toBeVisible()
            await expect(desk.field('Text')).toHaveValue('Come in, **Anna**.')
            await desk.field('Title').fill('We are open until six')
            await desk.button('Review and send').click()
            await desk.button('Send now').click()
            await expect(page.getByText('Sending in a few seconds.')).toBeVisible()
            await expect(visit.items).toHaveCount(0)

            await expect(visit.item('We are open until six')).toBeVisible({ timeout: 25_000 })
            await visit.shows(['*We are open until six'])
            // The page by itself goes on to what became of it.
            await expect(page.getByRole('heading', { name: 'Results' })).toBeVisible({ timeout: 15_000 })
            await expect(desk.count('Audience')).toHaveText(/^1\s*100 %$/)
            await visit.does('We are open until six', 'Mark as read')
            await expect(visit.unread).toHaveCount(0)
            await expect(async () => {
                await page.reload()
                await expect(desk.count('Read')).toHaveText(/^1\s*100 %$/, { timeout: 500 })
            }).toPass()
            await desk.go()
            await desk.titled('Overview')
            await expect(page.locator('.steps')).toHaveCount(0)
            await expect(desk.stat('Messages in 30 days')).toHaveText(/^1\b/)
        })
    })
}
