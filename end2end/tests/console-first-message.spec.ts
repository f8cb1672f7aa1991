// From a new instance to the first message that somebody has read, entirely in the console, with
// scripts and without.
import { expect, readerPageOf, shopPage, test } from '../support/console.ts'

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
        test.use({ javaScriptEnabled })

        test('from the first account to the first read message', async ({ consolePage, reader, backend }) => {
            test.setTimeout(120_000)
            const { page } = consolePage
            await consolePage.setUp()
            const site = await consolePage.create(backend.pages.origin)
            await expect(consolePage.step('Create the site')).toHaveClass('done')
            await expect(consolePage.step('Add the snippet to your pages')).toHaveClass('next')

            await consolePage.link('Add the snippet to your pages').click()
            await consolePage.titled('Installation')
            await expect(page.getByText('No activity yet')).toBeVisible()
            const snippet = await consolePage.field('Snippet').inputValue()
            const readerPage = readerPageOf(reader, site, backend)
            await site.contact('anna', { email: 'anna@shop.example', firstName: 'Anna' })
            await reader.goto(shopPage(backend, site, snippet))
            await readerPage.ready()
            await readerPage.open()
            await expect(async () => {
                await consolePage.link('Check again').click()
                await expect(page.getByText(`${backend.pages.origin} shows the bell.`)).toBeVisible({ timeout: 500 })
                await expect(page.getByText('Your backend gets tokens.')).toBeVisible({ timeout: 500 })
            }).toPass()
            await expect(page.getByText('Action needed')).toHaveCount(0)

            await consolePage.go()
            await expect(consolePage.step('Get tokens from your backend')).toHaveClass('done')
            await consolePage.link('Send the first message').click()
            await consolePage.link('New message').click()
            await consolePage.fill({ Title: 'We are open', Text: 'Come in, **Anna**.', Link: 'https://shop.example/' })
            const preview = page.frameLocator('iframe[name=preview]')
            if (!javaScriptEnabled) {
                await consolePage.button('Preview').click()
                await consolePage.button('Show').click()
            }
            await expect(preview.locator('.item .title').first()).toContainText('We are open')
            await expect(preview.locator('.item strong').first()).toHaveText('Anna')

            // Sent, undone, and sent again.
            await consolePage.button('Review and send').click()
            await consolePage.titled('Review')
            await expect(page.locator('.facts .big')).toHaveText('1')
            await consolePage.button('Send now').click()
            await expect(page.getByText('Sending in a few seconds.')).toBeVisible()
            await consolePage.button('Undo').click()
            await expect(page.getByText('Nothing was sent. Your message is below.')).toBeVisible()
            await expect(consolePage.field('Text')).toHaveValue('Come in, **Anna**.')
            await consolePage.field('Title').fill('We are open until six')
            await consolePage.button('Review and send').click()
            await consolePage.button('Send now').click()
            await expect(page.getByText('Sending in a few seconds.')).toBeVisible()
            await expect(readerPage.items).toHaveCount(0)

            await expect(readerPage.item('We are open until six')).toBeVisible({ timeout: 25_000 })
            await readerPage.expectList(['*We are open until six'])
            // The page automatically goes on to the report.
            await expect(page.getByRole('heading', { name: 'Results' })).toBeVisible({ timeout: 15_000 })
            await expect(consolePage.count('Audience')).toHaveText(/^1\s*100 %$/)
            await readerPage.clickTool('We are open until six', 'Mark as read')
            await expect(readerPage.unread).toHaveCount(0)
            await expect(async () => {
                await page.reload()
                await expect(consolePage.count('Read')).toHaveText(/^1\s*100 %$/, { timeout: 500 })
            }).toPass()
            await consolePage.go()
            await consolePage.titled('Overview')
            await expect(page.locator('.steps')).toHaveCount(0)
            await expect(consolePage.stat('Messages in 30 days')).toHaveText(/^1\b/)
        })
    })
}
