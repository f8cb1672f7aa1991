// A customer in the demo shop and an agent in its console exchange messages, in two browsers.
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { Demo, demoFixture } from '../support/belfry.ts'
import { pixel } from '../support/hostile.ts'
import { expect, test as base } from '../support/console.ts'

const test = base.extend<{ demo: Demo }>(demoFixture)

test.use({ viewport: { width: 1280, height: 800 } })

/** Signs in with the credentials of the demo's banner, and opens the conversations of its site. */
const signIn = async (page: Page, demo: Demo) => {
    await page.goto(`${demo.belfry}/console/sign-in`)
    await page.getByLabel('E-mail').fill(demo.signIn.email)
    await page.getByLabel('Password').fill(demo.signIn.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('main').getByRole('link', { name: 'Acme Shop' }).click()
    await page.locator('.side').getByRole('link', { name: 'Conversations' }).click()
}

const says = async (page: Page, text: string) => {
    await page.getByLabel('Your message').fill(text)
    await page.getByRole('button', { name: 'Send', exact: true }).click()
}
const inShop = (page: Page) => page.locator('#chat-messages > li')
const inThread = (page: Page) => page.locator('#messages > .message')
const answer = async (page: Page, text: string) => {
    await page.locator('#talk-content').fill(text)
    await page.getByRole('button', { name: 'Send', exact: true }).click()
}

for (const scripts of [true, false]) {
    test(`customer and agent exchange messages, the agent ${scripts ? 'with' : 'without'} scripts`, async ({ demo, page, browser }) => {
        test.setTimeout(90_000)
        const agent = await browser.newPage({ javaScriptEnabled: scripts, viewport: { width: 1280, height: 800 } })
        /** Without a script the page is reloaded. */
        const look = () => (scripts ? Promise.resolve() : agent.reload().then(() => undefined))
        await page.goto(`${demo.shop}/write`)
        await page.getByRole('button', { name: 'Sign in as Anna' }).click()
        await expect(page.getByText('You write as Anna')).toBeVisible()
        await says(page, 'Where is order 1042?')
        await signIn(agent, demo)
        const row = agent.locator('.talk-row').filter({ hasText: 'Where is order 1042?' })
        await expect(row).toBeVisible()
        await row.getByRole('link').click()
        await expect(inThread(agent)).toHaveText([/Where is order 1042\?/])
        if (scripts) await expect(agent.locator('#talk')).toHaveAttribute('data-live', '1')
        await expect(agent.locator('#contact')).toContainText('Identity verified')

        await answer(agent, 'It comes **tomorrow**.')
        await expect(inShop(page).last()).toContainText('It comes tomorrow.')
        await expect(inShop(page).last().locator('b')).toHaveText('tomorrow')
        await says(page, 'Thank you!')
        await expect.poll(async () => (await look(), inThread(agent).count())).toBe(3)
        await expect(inThread(agent).last()).toContainText('Thank you!')

        // A note is visible to agents only.
        await agent.getByRole('radio', { name: 'Private note' }).check({ force: true })
        await answer(agent, 'She is nice.')
        await expect(inThread(agent).last()).toContainText('She is nice.')

        // Files in both directions: an image is displayed, another file is downloaded under its
        // name.
        await page.locator('#chat-form input[type=file]').setInputFiles([
            { name: 'the corner.png', mimeType: 'image/png', buffer: pixel },
            { name: 'measures.txt', mimeType: 'text/plain', buffer: Buffer.from('80 × 120') }
        ])
        await expect(page.locator('.chat-chosen li')).toHaveCount(2)
        await page.getByRole('button', { name: 'Send', exact: true }).click()
        await expect(inShop(page).last().locator('img')).toHaveJSProperty('naturalWidth', 10)
        await expect.poll(async () => (await look(), inThread(agent).count())).toBe(5)
        await expect(inThread(agent).last().locator('img')).toHaveJSProperty('naturalWidth', 10)
        const [fromCustomer] = await Promise.all([agent.waitForEvent('download'), inThread(agent).last().locator('.file').click()])
        expect(fromCustomer.suggestedFilename()).toBe('measures.txt')

        await agent.getByRole('radio', { name: 'Reply' }).check({ force: true })
        await agent.locator('input[name=attachments]').setInputFiles({ name: 'manual.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') })
        await answer(agent, 'The manual')
        await expect(inShop(page)).toHaveCount(5)
        const manual = inShop(page).last().locator('.chat-attached a')
        await expect(manual).toContainText('manual.pdf')
        const [fromAgent] = await Promise.all([page.waitForEvent('download'), manual.click()])
        expect(fromAgent.suggestedFilename()).toBe('manual.pdf')
        await expect(inShop(page)).toHaveText([/1042/, /tomorrow/, /Thank you/, /measures/, /The manual/])
        await agent.context().close()
    })
}

test('both reconnect after a restart, and no message is missed', async ({ demo, page, browser }) => {
    test.setTimeout(120_000)
    const agent = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(`${demo.shop}/write`)
    await says(page, 'Are you there?')
    await expect(page.locator('.mine:not(.sending)')).toHaveCount(1)
    await signIn(agent, demo)
    await agent.locator('.talk-row a').first().click()
    await expect(agent.locator('#talk')).toHaveAttribute('data-live', '1')
    const [conversation] = (await demo.asAgent<{ data: { payload: { id: number }[] } }>('/conversations')).data.payload
    await demo.restart(() => expect(page.getByText('Connecting…')).toBeVisible({ timeout: 20_000 }))
    // Sent at once, before either of them has reconnected.
    for (let number = 1; number <= 3; number++) await demo.asAgent(`/conversations/${conversation?.id}/messages`, { content: `Meanwhile ${number}` })
    await expect(inShop(page)).toHaveText([/Are you there/, /Meanwhile 1/, /Meanwhile 2/, /Meanwhile 3/], { timeout: 45_000 })
    // After a restart the demo's agent has a new password, so the session has ended, and the page
    // says so.
    await expect(agent.getByRole('heading', { name: 'Sign in' })).toBeVisible({ timeout: 45_000 })
    await signIn(agent, demo)
    await agent.locator('.talk-row a').first().click()
    await expect(agent.locator('#talk')).toHaveAttribute('data-live', '1')
    await expect(inThread(agent)).toHaveText([/Are you there/, /Meanwhile 1/, /Meanwhile 2/, /Meanwhile 3/])
    await says(page, 'I see you')
    await expect(inThread(agent).last()).toContainText('I see you', { timeout: 45_000 })
    await answer(agent, 'And I you')
    await expect(inShop(page).last()).toContainText('And I you')
    await agent.context().close()
})

test('rejected input is reported, and can be sent again', async ({ demo, page }) => {
    await page.goto(`${demo.shop}/write`)
    const chooser = page.locator('#chat-form input[type=file]')
    await chooser.setInputFiles({ name: 'film.mov', mimeType: 'video/quicktime', buffer: Buffer.alloc(6 * 1_048_576) })
    await expect(page.getByRole('alert')).toHaveText('The files of one message have at most 5 MB together.')
    await chooser.setInputFiles({ name: 'one.txt', mimeType: 'text/plain', buffer: Buffer.from('1') })
    await chooser.setInputFiles({ name: 'two.txt', mimeType: 'text/plain', buffer: Buffer.from('2') })
    await page.getByRole('button', { name: 'Leave out one.txt' }).click()
    await expect(page.locator('.chat-chosen li')).toHaveText([/two\.txt/])
    await page.route('**/messages', route => route.fulfill({ status: 422, json: { message: 'Too many messages' } }))
    await says(page, 'With a file')
    await expect(page.locator('.failed')).toContainText('Not sent: Too many messages')
    await page.unroute('**/messages')
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(page.locator('.mine:not(.sending, .failed)')).toContainText('two.txt')
    await expect(inShop(page)).toHaveCount(1)
})

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
        test.use({ colorScheme })

        test('the customer’s page is accessible in every state', async ({ demo, page }) => {
            const found: string[] = []
            const examine = async (name: string) => {
                for (const width of [1280, 390]) {
                    await page.setViewportSize({ width, height: 800 })
                    const { violations } = await new AxeBuilder({ page }).exclude('iframe').analyze()
                    found.push(...violations.map(({ id, nodes }) => `${name} ${width}: ${id}: ${nodes.map(node => `${node.html.slice(0, 140)} ${node.any[0]?.message ?? ''}`).join(' | ')}`))
                }
            }
            await page.goto(`${demo.shop}/write`)
            await examine('empty')
            await says(page, 'Hello, see https://shop.example/lamps')
            await expect(page.locator('.mine:not(.sending)')).toHaveCount(1)
            const [conversation] = (await demo.asAgent<{ data: { payload: { id: number }[] } }>('/conversations')).data.payload
            await demo.asAgent(`/conversations/${conversation?.id}/messages`, { content: 'Hello! **Two** ways:\n\n- [the shop](https://shop.example)\n- `the sale`' })
            await expect(inShop(page).last().locator('li')).toHaveCount(2)
            await page.locator('#chat-form input[type=file]').setInputFiles([{ name: 'corner.png', mimeType: 'image/png', buffer: pixel }, { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') }])
            await examine('chosen')
            await page.getByRole('button', { name: 'Send', exact: true }).click()
            await expect(inShop(page).last().locator('img')).toBeVisible()
            await page.route('**/messages', route => route.abort())
            await says(page, 'Into the void')
            await expect(page.locator('.failed')).toBeVisible()
            await examine('failed')
            expect(found).toEqual([])
        })
    })
}
