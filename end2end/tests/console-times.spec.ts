// The console's times are those of the member's time zone: the browser's, until the account has one of its own.
import { expect, test } from '../support/console.ts'

test.use({ timezoneId: 'Asia/Tokyo' })

test('a message is scheduled at a local time, and shown at it', async ({ desk }) => {
    const { page } = desk
    await desk.setUp()
    await desk.create('https://shop.example')
    await desk.go('messages/new')
    await desk.fill({ Title: 'Winter sale', 'Send at (Asia/Tokyo)': '2027-06-01T09:30' })
    await desk.button('Review and send').click()
    await desk.titled('Review')
    await expect(page.locator('.facts')).toContainText('1 June 2027, 09:30 UTC+9')
    await desk.button('Schedule').click()
    await expect(page.locator('.facts time').first()).toHaveText('1 June 2027, 09:30 UTC+9')
    await expect(page.locator('.facts time').first()).toHaveAttribute('datetime', '2027-06-01T00:30:00Z')
    await page.getByRole('link', { name: 'Edit', exact: true }).click()
    await expect(desk.field('Send at (Asia/Tokyo)')).toHaveValue('2027-06-01T09:30')

    await page.goto(`${desk.belfry.origin}/console/account`)
    await expect(desk.field('Time zone').locator('option:checked')).toHaveText('Automatic, from your browser (Asia/Tokyo)')
    await desk.field('Time zone').selectOption('Europe/Kyiv')
    await desk.button('Save').first().click()
    await desk.go('messages')
    await expect(desk.main).toContainText('1 June 2027, 03:30 UTC+3')
})
