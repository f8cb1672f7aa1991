// The Inbox SDK on pages: the back office of the demo with two agents and a customer, and a page
// whose server is restarted.
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContextOptions, Page } from '@playwright/test'
import { expect, test as base } from '@playwright/test'
import { Demo, demoFixture } from '../support/belfry.ts'
import { Pages } from '../support/pages.ts'
import { SdkServer, sign } from '../support/sdk.ts'

const test = base.extend<{ demo: Demo }>(demoFixture)

test.use({ viewport: { width: 1280, height: 800 } })

/** A customer who has sent the shop a message. */
const customer = async (page: Page, demo: Demo, text: string) => {
    await page.goto(`${demo.shop}/write`)
    await page.getByRole('button', { name: 'Sign in as Anna' }).click()
    await says(page, text)
    await expect(page.locator('.mine:not(.sending)')).toHaveCount(1)
}
const says = async (page: Page, text: string) => {
    await page.getByLabel('Your message').fill(text)
    await page.getByRole('button', { name: 'Send', exact: true }).click()
}
const inShop = (page: Page) => page.locator('#chat-messages > li')

class AgentPage {
    /** Policy violations and script errors of the page. */
    readonly troubles: string[] = []

    constructor(readonly page: Page) {
        page.on('pageerror', error => this.troubles.push(error.message))
        page.on('console', message => message.text().includes('Content Security Policy') && this.troubles.push(message.text()))
    }

    static async enter(browser: Browser, demo: Demo, name: string, options: BrowserContextOptions = {}, lang = '') {
        const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
        const agentPage = new AgentPage(await context.newPage())
        await agentPage.page.goto(`${demo.backOffice}/${lang && `?lang=${lang}`}`)
        await agentPage.page.locator('.person', { hasText: name }).click()
        await agentPage.live()
        return agentPage
    }

    live() {
        return expect(this.page.locator('#state')).toHaveAttribute('data-state', 'connected', { timeout: 45_000 })
    }

    rows(list: string) {
        return this.page.locator(`[data-list=${list}] .rows > li`)
    }

    async counts(...expected: number[]) {
        for (const [index, list] of ['new', 'mine', 'watched'].entries()) {
            await expect(this.rows(list)).toHaveCount(expected[index]!)
            await expect(this.page.locator(`[data-list=${list}] .count`)).toHaveText(String(expected[index]))
        }
    }

    get window() {
        return this.page.frameLocator('#window iframe')
    }

    get messages() {
        return this.window.locator('#messages .message')
    }

    act(name: string) {
        return this.page.locator('.bar').getByRole('button', { name, exact: true }).click()
    }

    async answer(text: string) {
        await this.window.locator('#content').fill(text)
        await this.window.locator('#send').click()
    }
}

test('a customer and two agents, live in both directions', async ({ demo, page, browser }) => {
    test.setTimeout(120_000)
    const [ada, ben] = [await AgentPage.enter(browser, demo, 'Ada'), await AgentPage.enter(browser, demo, 'Ben')]
    await ada.counts(0, 0, 0)
    await expect(ada.page.getByText('Nobody waits.')).toBeVisible()
    await customer(page, demo, 'Where is order 1042?')
    for (const agentPage of [ada, ben]) {
        await agentPage.counts(1, 0, 0)
        await expect(agentPage.rows('new')).toContainText('Anna')
        await expect(agentPage.rows('new')).toContainText('Where is order 1042?')
    }
    await expect(ada.page).toHaveTitle(/^\(1\) /)

    // Ben watches it, Ada is assigned.
    await ben.rows('new').locator('.row').click()
    await expect(ben.messages).toHaveText([/Where is order 1042\?/])
    await ben.act('Watch')
    await ben.counts(1, 0, 1)
    await ada.page.getByRole('button', { name: 'Take: Anna' }).click()
    await ada.counts(0, 1, 0)
    await ben.counts(0, 0, 1)

    await ada.rows('mine').locator('.row').click()
    await expect(ada.messages.first()).toContainText('Where is order 1042?')
    await ada.answer('It comes tomorrow.')
    await expect(inShop(page).last()).toContainText('It comes tomorrow.')
    await expect(ben.messages.filter({ hasText: 'It comes tomorrow.' })).toHaveCount(1)
    await says(page, 'Thank you!')
    await expect(ada.messages.filter({ hasText: 'Thank you!' })).toHaveCount(1)
    await expect(ben.rows('watched')).toContainText('Thank you!')

    await ada.act('Close')
    await ada.counts(0, 0, 0)
    await ben.counts(0, 0, 0)
    await says(page, 'One more thing')
    await ada.counts(0, 1, 0)
    await ada.act('Give back')
    await ben.counts(1, 0, 1)
    expect([...ada.troubles, ...ben.troubles]).toEqual([])
})

test('a reload, a network outage and a network change lose nothing', async ({ demo, page, browser }) => {
    test.setTimeout(120_000)
    await customer(page, demo, 'First')
    const ada = await AgentPage.enter(browser, demo, 'Ada')
    await ada.rows('new').locator('.row').click()
    await expect(ada.messages).toHaveText([/First/])
    await ada.page.reload()
    await ada.live()
    await expect(ada.messages).toHaveText([/First/])
    await expect(ada.page.locator('#who')).toHaveText(/Anna/)

    await ada.page.context().setOffline(true)
    await says(page, 'Second')
    await ada.page.context().setOffline(false)
    await expect(ada.rows('new')).toContainText('Second', { timeout: 45_000 })
    await expect(ada.messages.filter({ hasText: 'Second' })).toHaveCount(1, { timeout: 45_000 })
    await ada.counts(1, 0, 0)
    expect(ada.troubles).toEqual([])
})

test('an agent starts a conversation, and invalid addresses are reported', async ({ demo, browser }) => {
    const ada = await AgentPage.enter(browser, demo, 'Ada')
    await ada.page.getByRole('button', { name: 'New conversation' }).click()
    await expect(ada.page.getByLabel('Channel')).toHaveText(/Acme Shop \(email\)/)
    await ada.page.getByLabel('Telephone number or e-mail address').fill('nobody')
    await ada.page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect(ada.page.locator('#starting-problem')).toHaveText('That is neither a telephone number nor an e-mail address.')
    await ada.page.getByLabel('Telephone number or e-mail address').fill('vera@example.com')
    await ada.page.keyboard.press('Enter')
    await expect(ada.page.getByRole('dialog')).toBeHidden()
    await expect(ada.page.locator('#who')).toHaveText('vera@example.com')
    await expect(ada.page.locator('#window iframe')).toHaveAttribute('title', 'vera@example.com')
    expect(ada.troubles).toEqual([])
})

test('everything works with the keyboard, and a phone shows one pane at a time', async ({ demo, page, browser }) => {
    await customer(page, demo, 'Hello')
    const ada = await AgentPage.enter(browser, demo, 'Ada', { viewport: { width: 390, height: 844 } })
    const row = ada.rows('new').locator('.row')
    await expect(ada.page.locator('.thread')).toBeHidden()
    await ada.page.getByRole('button', { name: 'New conversation' }).focus()
    await ada.page.keyboard.press('Tab')
    await expect(row).toBeFocused()
    await ada.page.keyboard.press('Enter')
    await expect(ada.page.locator('.lists')).toBeHidden()
    await expect(ada.messages).toHaveText([/Hello/])
    await ada.page.getByRole('button', { name: 'Back to the list' }).focus()
    await ada.page.keyboard.press('Enter')
    await expect(ada.page.locator('.thread')).toBeHidden()
    await expect(row).toBeFocused()
    await ada.page.goBack()
    await expect(ada.messages).toHaveText([/Hello/])
    const width = await ada.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(width).toBeLessThanOrEqual(0)
})

for (const [colorScheme, lang] of [['light', 'en'], ['dark', 'en'], ['light', 'ar']] as const) {
    test(`the back office is accessible in every state, ${colorScheme}, ${lang}`, async ({ demo, page, browser }) => {
        test.setTimeout(90_000)
        const found: string[] = []
        await customer(page, demo, 'Hello')
        const ada = await AgentPage.enter(browser, demo, 'Ada', { colorScheme }, lang)
        const examine = async (name: string) => {
            for (const width of [1280, 390]) {
                await ada.page.setViewportSize({ width, height: 800 })
                const { violations } = await new AxeBuilder({ page: ada.page }).exclude('iframe').analyze()
                found.push(...violations.map(({ id, nodes }) => `${name} ${width}: ${id}: ${nodes.map(node => `${node.html.slice(0, 140)} ${node.any[0]?.message ?? ''}`).join(' | ')}`))
            }
        }
        await expect(ada.page.locator('html')).toHaveAttribute('dir', lang === 'ar' ? 'rtl' : 'ltr')
        await ada.counts(1, 0, 0)
        await examine('lists')
        await ada.page.locator('#start').click()
        await ada.page.locator('#address').fill('nobody')
        await ada.page.locator('[value=start]').click()
        await expect(ada.page.locator('#starting-problem')).not.toBeEmpty()
        await examine('starting')
        await ada.page.keyboard.press('Escape')
        await ada.rows('new').locator('.row').click()
        await expect(ada.messages).toHaveText([/Hello/])
        await expect(ada.window.locator('html')).toHaveAttribute('dir', lang === 'ar' ? 'rtl' : 'ltr')
        await examine('thread')
        await ada.page.context().clearCookies()
        await ada.page.goto(demo.backOffice)
        await examine('signing in')
        expect(found).toEqual([])
    })
}

test('without Belfry the back office says so', async ({ demo, browser }) => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(demo.backOffice)
    await page.route('**/assets/sdk.js', route => route.abort())
    await page.locator('.person').first().click()
    await expect(page.locator('#trouble')).toContainText('Belfry does not answer')
})

test('after a restart the lists are sent once, without any code of the page', async ({ page }) => {
    test.setTimeout(120_000)
    const pages = await Pages.start()
    const office = await SdkServer.open([pages.origin])
    try {
        const anna = await office.startConversation('Anna', 'Before')
        const socket = office.belfry.origin.replace('http', 'ws')
        const policy = `default-src 'none'; script-src 'nonce-page' ${office.belfry.origin}; connect-src ${office.belfry.origin} ${socket}; frame-src ${office.belfry.origin}; style-src 'nonce-page'`
        const address = pages.add(
            `<!doctype html><html lang=en><title>Office</title><link rel=icon href="data:,"><style nonce=page>#window { height: 500px }</style><div id=window></div>
            <script src="${office.belfry.origin}/assets/sdk.js"></script><script nonce=page type=module>
            window.told = []
            window.states = []
            document.addEventListener('securitypolicyviolation', event => event.violatedDirective === 'img-src' || told.push(event.violatedDirective))
            const inbox = await InboxSDK.authenticate('${sign(office.key)}', { iframeParent: document.getElementById('window'), languageCode: 'uk', onStateChange: state => states.push(state) })
            const note = name => value => told.push(name + ' ' + (Array.isArray(value) ? value.map(({ last_message }) => last_message) : value.last_message))
            inbox.new.subscribe({ onSync: list => { note('sync')(list); window.first ??= list[0] }, onNew: note('new'), onUpdate: note('update'), onRemove: note('remove') })
            </script>`,
            { 'content-security-policy': policy }
        )
        await page.goto(address)
        const told = () => page.evaluate(() => (window as unknown as { told: string[] }).told)
        const states = () => page.evaluate(() => (window as unknown as { states: string[] }).states)
        await expect.poll(told).toEqual(['sync Before'])
        await page.evaluate(() => (window as unknown as { first: { open(): Promise<unknown> } }).first.open())
        await expect(page.frameLocator('iframe').locator('html')).toHaveAttribute('lang', 'uk')
        await expect(page.frameLocator('iframe').locator('#messages .message')).toHaveText([/Before/])
        // It was marked as read.
        await expect.poll(told).toEqual(['sync Before', 'update Before'])
        await office.belfry.stop('SIGKILL')
        await expect.poll(states).toEqual(['connected', 'reconnecting'])
        await office.belfry.restart()
        await expect.poll(states, { timeout: 45_000 }).toEqual(['connected', 'reconnecting', 'connected'])
        await expect.poll(told).toEqual(['sync Before', 'update Before', 'sync Before'])
        await anna.says('After')
        await expect.poll(told).toContain('update After')
        expect((await told()).filter(change => !change.startsWith('update'))).toEqual(['sync Before', 'sync Before'])
        await expect(page.frameLocator('iframe').locator('#messages .message').filter({ hasText: 'After' })).toHaveCount(1, { timeout: 45_000 })
    } finally {
        await Promise.all([office.belfry.end(), pages.server.stop()])
    }
})
