// Pictures of the agents' page for people to look at, on a desk and on a phone, light and dark; with BELFRY_PICTURES_IN=uk in Ukrainian.
import { join } from 'node:path'
import { expect, test } from '../support/console.ts'
import { Chat, furnishChat } from '../support/conversations.ts'

const folder = process.env.BELFRY_PICTURES
const language = process.env.BELFRY_PICTURES_IN ?? 'en'

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme })

        test('pictures of conversations', async ({ desk }) => {
            test.skip(!folder, 'only when it is asked for, with BELFRY_PICTURES=/a/folder')
            test.setTimeout(120_000)
            const { page } = desk
            await desk.setUp()
            const site = await desk.create('https://shop.example')
            await desk.speak(language)
            const take = async (name: string) => {
                for (const width of [1280, 390]) {
                    await page.setViewportSize({ width, height: 800 })
                    await page.screenshot({ path: join(folder ?? '', `${name}-${width}-${colorScheme}-${language}.png`), animations: 'disabled' })
                }
            }
            await desk.go('conversations')
            await take('conversations-no-inbox')
            const chat = await Chat.open(site)
            await desk.go('conversations')
            await take('conversations-empty')
            const number = await furnishChat(chat)
            for (const [name, path] of [
                ['conversations', 'conversations'],
                ['conversations-mine', 'conversations?tab=mine'],
                ['conversation', `conversations/${number}`]
            ] as const) {
                await desk.go(path)
                await expect(page.locator('#talk')).toHaveAttribute('data-live', '1')
                await take(name)
            }
            await page.locator('#talk-head [data-popup] summary').click()
            await take('conversation-snooze')
            await page.keyboard.press('Escape')
            await page.keyboard.press('n')
            await page.keyboard.type('Only we see this')
            await take('conversation-note')
            await page.keyboard.press('Escape')
            await page.keyboard.press('?')
            await take('conversation-keys')
        })
    })
}
