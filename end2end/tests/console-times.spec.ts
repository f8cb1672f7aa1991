// The console's times are those of the member's time zone: the browser's, until the account has one of its own.
import { expect, test } from '../support/console.ts'

test.use({ timezoneId: 'Asia/Tokyo' })

test('a message is scheduled at a local time, and shown at it', async ({ consolePage }) => {
    const { page } = consolePage
    await consolePage.setUp()
    await consolePage.create('https://shop.example')
    await consolePage.go('messages/new')
    await consolePage.fill({ Title: 'Winter sale', 'Send at (Asia/Tokyo)': '2027-06-01T09:30' })
    await consolePage.button('Review and send').click()
    await consolePage.titled('Review')
    await expect(page.locator('.facts')).toContainText('1 June 2027, 09:30 UTC+9')
    await consolePage.button('Schedule').click()
    await expect(page.locator('.facts time').first()).toHaveText('1 June 2027, 09:30 UTC+9')
    await expect(page.locator('.facts time').first()).toHaveAttribute('datetime', '2027-06-01T00:30:00Z')
    await page.getByRole('link', { name: 'Edit', exact: true }).click()
    await expect(consolePage.field('Send at (Asia/Tokyo)')).toHaveValue('2027-06-01T09:30')

    await page.goto(`${consolePage.belfry.origin}/console/account`)
    await expect(consolePage.field('Time zone').locator('option:checked')).toHaveText('Automatic, from your browser (Asia/Tokyo)')
    await consolePage.field('Time zone').selectOption('Europe/Kyiv')
    await consolePage.button('Save').first().click()
    await consolePage.go('messages')
    await expect(consolePage.main).toContainText('1 June 2027, 03:30 UTC+3')
})
