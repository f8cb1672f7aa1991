// Screenshots of the agents' page, for desktop and phone, light and dark; in Ukrainian with
// BELFRY_PICTURES_IN=uk.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Demo } from '../support/belfry.ts'
import { expect, test } from '../support/console.ts'
import { ConversationApi, seedConversations, photograph } from '../support/conversations.ts'
import { toSmallPng } from '../support/picture.ts'

const folder = process.env.BELFRY_PICTURES
const language = process.env.BELFRY_PICTURES_IN ?? 'en'

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme })

        test('screenshots of conversations', async ({ consolePage }) => {
            test.skip(!folder, 'only when it is asked for, with BELFRY_PICTURES=/a/folder')
            test.setTimeout(120_000)
            const { page } = consolePage
            await consolePage.setUp()
            const site = await consolePage.create('https://shop.example')
            await consolePage.speak(language)
            const take = async (name: string) => {
                for (const width of [1280, 390]) {
                    await page.setViewportSize({ width, height: 800 })
                    await page.screenshot({ path: join(folder ?? '', `${name}-${width}-${colorScheme}-${language}.png`), animations: 'disabled' })
                }
            }
            await consolePage.go('conversations')
            await take('conversations-no-inbox')
            const chat = await ConversationApi.open(site)
            await consolePage.go('conversations')
            await take('conversations-empty')
            const number = await seedConversations(chat, await photograph(page))
            for (const [name, path] of [
                ['conversations', 'conversations'],
                ['conversations-mine', 'conversations?tab=mine'],
                ['conversation', `conversations/${number}`]
            ] as const) {
                await consolePage.go(path)
                await expect(page.locator('#talk')).toHaveAttribute('data-live', '1')
                await take(name)
            }
            await page.locator('#talk-messages').evaluate(thread => thread.scrollTo(0, -10_000))
            await take('conversation-first')
            await page.locator('#talk-content').fill('Here is the manual.')
            const file = (name: string) => ({ name, mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') })
            await page.locator('input[name=attachments]').setInputFiles([file('manual of the lamp.pdf'), file('warranty.pdf')])
            await take('conversation-files')
            await page.locator('#talk-head [data-popup] summary').click()
            await take('conversation-snooze')
            await page.keyboard.press('Escape')
            await page.keyboard.press('n')
            await page.keyboard.type('Only we see this')
            await take('conversation-note')
            await page.keyboard.press('Escape')
            await page.keyboard.press('?')
            await take('conversation-keys')
            await page.keyboard.press('Escape')

            await consolePage.go('conversations/canned-responses')
            await take('canned-none')
            for (const [short_code, content] of [
                ['hello', 'Hello {{contact.first_name}}! I am {{agent.first_name}}. How can I help?'],
                ['доставка', 'Ваше замовлення вже в дорозі й буде завтра до обіду. Якщо не застанемо вас, залишимо в сусідів або привеземо ще раз, коли скажете.'],
                ['in-stock', 'Yes, it is in stock.\n\nShall I put one aside?'],
                ['a-rather-long-short-code-that-somebody-imported-from-elsewhere', 'Thank you']
            ]) {
                await chat.call('POST', '/canned_responses', { short_code, content })
            }
            await consolePage.go('conversations/canned-responses')
            await take('canned')
            await consolePage.link('hello').click()
            await page.locator('.canned-variables summary').click()
            await take('canned-one')
            await consolePage.go('conversations/canned-responses')
            await consolePage.link('hello').click()
            await page.locator('a[href$="/delete"]').click()
            await take('canned-delete')
            await consolePage.go(`conversations/${number}`)
            await page.locator('.canned summary').click()
            await take('conversation-canned-menu')
            await page.keyboard.press('Escape')
            await page.locator('#talk-content').fill('')
            await page.locator('[value=reply]').check({ force: true })
            await page.locator('#talk-content').pressSequentially('/')
            await expect(page.locator('#talk-canned [role=option]')).toHaveCount(4)
            await take('conversation-canned')
        })

        test('screenshots of Write to us', async ({ browser }) => {
            test.skip(!folder || language !== 'en', 'only when it is asked for, with BELFRY_PICTURES=/a/folder')
            const demo = await Demo.start()
            const page = await browser.newPage({ colorScheme })
            const take = async (name: string) => {
                for (const width of [1280, 390]) {
                    await page.setViewportSize({ width, height: 1000 })
                    await page.screenshot({ path: join(folder ?? '', `${name}-${width}-${colorScheme}.png`), animations: 'disabled' })
                }
            }
            const send = async (text: string) => {
                await page.getByLabel('Your message').fill(text)
                await page.getByRole('button', { name: 'Send', exact: true }).click()
            }
            await page.goto(`${demo.shop}/write`)
            await take('write-empty')
            await send('Where is order 1042? It says https://shop.example/orders/1042')
            await expect(page.locator('.mine time')).toBeVisible()
            const [conversation] = (await demo.asAgent<{ data: { payload: { id: number }[] } }>('/conversations')).data.payload
            await demo.asAgent(`/conversations/${conversation?.id}/messages`, { content: 'It comes **tomorrow**:\n\n- the lamp\n- a spare bulb' })
            await expect(page.locator('.theirs')).toBeVisible()
            await page.locator('#chat-form input[type=file]').setInputFiles([
                { name: 'the corner.png', mimeType: 'image/png', buffer: await photograph(page) },
                { name: 'measurements.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') }
            ])
            await take('write-chosen')
            await page.getByRole('button', { name: 'Send', exact: true }).click()
            await expect(page.locator('.chat-picture img')).toHaveJSProperty('complete', true)
            await page.route('**/messages', route => route.abort())
            await send('Into the void')
            await expect(page.locator('.failed')).toBeVisible()
            await take('write')
            await page.context().close()
            await demo.end()
        })
    })
}

test('the screenshot of conversations for the README', async ({ consolePage }) => {
    test.skip(!process.env.BELFRY_PICTURE, 'only when it is asked for, with BELFRY_PICTURE=1')
    const { page } = consolePage
    await page.setViewportSize({ width: 1280, height: 800 })
    await consolePage.setUp()
    const chat = await ConversationApi.open(await consolePage.create('https://shop.example'), 'Shop')
    const number = await seedConversations(chat, await photograph(page))
    await consolePage.go(`conversations/${number}`)
    await expect(page.locator('#talk')).toHaveAttribute('data-live', '1')
    await page.locator('#talk-head').getByRole('button', { name: 'Assign to me' }).click()
    await expect(page.locator('#messages')).toContainText('self-assigned')
    await page.locator('#messages img').evaluate((image: HTMLImageElement) => image.decode())
    await consolePage.quiet()
    await page.mouse.move(780, 625)
    const picture = await toSmallPng(await page.context().newPage(), await page.screenshot({ animations: 'disabled' }))
    expect(picture.length).toBeLessThanOrEqual(100_000)
    writeFileSync('../public/conversations.png', picture)
})
