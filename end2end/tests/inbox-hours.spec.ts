// Automatic messages of an inbox: configured by its owner in the console, with scripts and without,
// and displayed to contacts and agents. With BELFRY_PICTURES=/a/folder it also takes screenshots,
// in Ukrainian with BELFRY_PICTURES_IN=uk.
import { AxeBuilder } from '@axe-core/playwright'
import { join } from 'node:path'
import { expect, test } from '../support/console.ts'
import { ConversationApi } from '../support/conversations.ts'

test.use({ viewport: { width: 1280, height: 800 }, timezoneId: 'Europe/Kyiv' })

for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
        test.use({ javaScriptEnabled })

        test('greeting and working hours are configured and used', async ({ consolePage }) => {
            const { page } = consolePage
            await consolePage.setUp()
            const chat = await ConversationApi.open(await consolePage.create('https://shop.example'))
            await consolePage.go(`inboxes/${chat.inbox}`)
            await page.getByLabel('Greet contacts on their first message').check()
            await consolePage.button('Save').first().click()
            await expect(page.locator('#greeting_message-error')).toHaveText('is required')
            await consolePage.fill({ 'Greeting text': 'Hello! Somebody will be with you in a minute.' })
            await consolePage.field('Monday: when').selectOption('Closed')
            await expect(consolePage.field('Monday: from')).toBeHidden()
            await consolePage.field('Saturday: when').selectOption('From – to')
            await consolePage.fill({ 'Saturday: from': '14:00', 'Saturday: to': '10:30' })
            await consolePage.button('Save').first().click()
            await expect(page.locator('#close_6-error')).toHaveText('must be later than the opening time')
            await expect(consolePage.field('Saturday: from')).toHaveValue('14:00')
            await expect(consolePage.field('Greeting text')).toHaveValue('Hello! Somebody will be with you in a minute.')
            await expect(consolePage.field('Monday: when')).toHaveValue('closed')
            if (javaScriptEnabled) expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([])
            await consolePage.fill({ 'Saturday: from': '10:30', 'Saturday: to': '14:00' })
            await consolePage.button('Save').first().click()
            await expect(page.getByText('Saved').first()).toBeVisible()
            await expect(consolePage.field('Saturday: to')).toHaveValue('14:00')

            const number = await chat.startConversation('Is the green lamp in stock?')
            const said = async (of: number) => (await chat.messages(of)).map(message => [message.message_type, message.content])
            expect(await said(number)).toEqual([[0, 'Is the green lamp in stock?'], [3, 'Hello! Somebody will be with you in a minute.']])
            await consolePage.go(`conversations/${number}`)
            await expect(page.locator('#messages .automatic')).toContainText('Automatic message')
            await expect(page.locator('#messages .automatic')).toContainText('Somebody will be with you')

            // Closed on every day, so that the time of the test doesn't matter.
            await consolePage.go(`inboxes/${chat.inbox}`)
            await page.getByLabel('Reply automatically outside working hours').check()
            for (const day of ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']) await consolePage.field(`${day}: when`).selectOption('Closed')
            await consolePage.fill({ 'Out-of-office message': 'We are back on Monday.' })
            await consolePage.button('Save').first().click()
            await expect(page.getByText('Saved').first()).toBeVisible()
            expect(await said(await chat.startConversation('Hello?'))).toEqual([[0, 'Hello?'], [3, 'We are back on Monday.']])
        })
    })
}

test('the browser’s time zone is suggested', async ({ consolePage }) => {
    const { page } = consolePage
    await consolePage.setUp()
    const chat = await ConversationApi.open(await consolePage.create('https://shop.example'))
    await consolePage.go(`inboxes/${chat.inbox}`)
    await expect(consolePage.field('Time zone')).toHaveValue('UTC')
    await consolePage.button(/^Use this browser’s: Europe\/K(yiv|iev)$/).click()
    await expect(consolePage.field('Time zone')).toHaveValue(/^Europe\/K(yiv|iev)$/)
    await expect(consolePage.button(/^Use this browser’s/)).toBeHidden()
    await consolePage.button('Save').first().click()
    await expect(page.getByText('Saved').first()).toBeVisible()
    await expect(consolePage.field('Time zone')).toHaveValue(/^Europe\/K(yiv|iev)$/)
})

const folder = process.env.BELFRY_PICTURES
const language = process.env.BELFRY_PICTURES_IN ?? 'en'

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme })

        test('screenshots of an inbox with automatic messages', async ({ consolePage }) => {
            test.skip(!folder, 'only when it is asked for, with BELFRY_PICTURES=/a/folder')
            const { page } = consolePage
            await consolePage.setUp()
            const chat = await ConversationApi.open(await consolePage.create('https://shop.example'))
            await chat.call('PATCH', `/inboxes/${chat.inbox}`, {
                greeting_enabled: true,
                greeting_message: 'Hello! Somebody will be with you in a minute.',
                working_hours: [{ day_of_week: 6, closed_all_day: false, open_hour: 10, open_minutes: 30, close_hour: 14, close_minutes: 0 }, { day_of_week: 3, open_all_day: true }]
            })
            const number = await chat.startConversation('Is the green lamp in stock?')
            await consolePage.speak(language)
            const take = async (name: string, fullPage: boolean) => {
                for (const width of [1280, 390]) {
                    await page.setViewportSize({ width, height: 800 })
                    await page.screenshot({ path: join(folder ?? '', `${name}-${width}-${colorScheme}-${language}.png`), animations: 'disabled', fullPage })
                }
            }
            await consolePage.go(`inboxes/${chat.inbox}`)
            await take('inbox', true)
            await page.locator('#close_5').fill('08:00')
            await page.locator('main form button:not([type=button])').first().click()
            await expect(page.locator('#close_5-error')).toBeVisible()
            await take('inbox-refused', true)
            await consolePage.go(`conversations/${number}`)
            await take('conversation-automatic', false)
        })
    })
}
