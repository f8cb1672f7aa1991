// Belfry slow, hanging, failing or down: the page is as usable as without it, and we log nothing in
// its console.
import { Belfry } from '../support/belfry.ts'
import { expect, Host, test as base } from '../support/host.ts'

/** With a server of its own, which may be stopped. */
const test = base.extend<{ own: Host }>({
    own: async ({ page, backend }, use) => {
        const belfry = await Belfry.start()
        const site = await belfry.site([backend.pages.origin])
        backend.serve(site)
        await site.contact('anna')
        await site.fill(3)
        const host = await Host.of(page, site, backend)
        // The browser itself logs a failed request; no script can prevent that.
        host.unavoidable = /^Failed to load resource/
        await use(host)
        await belfry.end()
    }
})

const page = { body: '<header><b id=target></b></header><main><button onclick="this.textContent = 1 + +this.textContent">0</button></main>' }

/** Asserts that the page reacts, and nothing covers it. */
const usable = async (host: Host) => {
    const button = host.page.locator('main button')
    const before = Number(await button.textContent())
    await button.click()
    await expect(button).toHaveText(String(before + 1))
    await host.quiet()
}

test('a slow network: the page is usable at once, and the bell appears', async ({ host }) => {
    test.setTimeout(60_000)
    const line = await host.page.context().newCDPSession(host.page)
    await line.send('Network.enable')
    await line.send('Network.emulateNetworkConditions', { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 })
    await host.show(page)
    await usable(host)
    await expect(host.iframe).not.toBeVisible()
    await host.works()
})

test('down at the start', async ({ own }) => {
    await own.site.belfry.stop('SIGKILL')
    await own.show(page)
    await usable(own)
    await expect(own.wrapper).toHaveCount(0)
    await own.run('open')
    await own.run('logout')
    await usable(own)
})

test('down in between, and up again', async ({ own }) => {
    await own.show(page)
    await own.ready()
    await own.open()
    await own.site.belfry.stop('SIGKILL')
    await expect(own.frame.locator('#offline')).toBeVisible()
    await own.page.keyboard.press('Escape')
    await expect(own.panel).toBeHidden()
    await usable(own)
    await own.site.belfry.restart()
    await own.ready()
    await own.works()
})

for (const [name, answer] of [['answers 500', 500], ['breaks off', 0]] as const) {
    test(`${name}, then works`, async ({ own }) => {
        let broken = true
        await own.page.route('**/embed/*', route => (broken ? (answer ? route.fulfill({ status: answer, contentType: 'text/html', body: 'broken' }) : route.abort()) : route.continue()))
        const asked = own.page.waitForRequest('**/embed/*')
        await own.show(page)
        await asked
        await usable(own)
        await expect(own.iframe).not.toBeVisible()
        broken = false
        await own.works()
    })
}

test('hangs', async ({ own }) => {
    await own.page.route('**/embed/*', () => {})
    const asked = own.page.waitForRequest('**/embed/*')
    await own.show(page)
    await asked
    await own.run('open')
    await usable(own)
    await expect(own.iframe).not.toBeVisible()
    expect(await own.iframe.boundingBox()).toEqual(await own.wrapper.boundingBox())
})

test('only the script hangs', async ({ own }) => {
    await own.page.route('**/scripts/*', () => {})
    await own.page.goto(own.address(page), { waitUntil: 'commit' })
    await usable(own)
    await own.run('open')
    await usable(own)
})

test('only the stream is blocked', async ({ own }) => {
    await own.page.route('**/embed/*/events*', route => route.abort())
    await own.show(page)
    await own.works()
    await usable(own)
})
