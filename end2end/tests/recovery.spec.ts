// What goes wrong on the way, and that nothing is missed when it is over.
import { Belfry } from '../support/belfry.ts'
import { expect, test as base, Visit } from '../support/real.ts'

/** For tests that stop the server: one of their own. */
const test = base.extend<{ own: Visit }>({
    own: async ({ page, backend }, use) => {
        const belfry = await Belfry.start()
        const site = await belfry.site([backend.pages.origin])
        backend.serve(site)
        await site.contact('anna')
        await use(new Visit(page, site, backend))
        await belfry.end()
    }
})

test('a session that is over is renewed by one call, for all who wait, and each then succeeds', async ({ visit, site, belfry, backend }) => {
    await site.fill(4)
    await visit.arrive()
    await visit.open()
    await expect(visit.badge).toHaveText('')
    const answers: string[] = []
    visit.page.on('response', answer => answer.url().endsWith('/marks') && answers.push(`${answer.status()} ${answer.request().postData()}`))
    // Revoking a key ends the sessions that came of it.
    const { key_id } = (await belfry.command<{ key_id: string }[]>('key', 'list', site.id))[0] ?? { key_id: '' }
    const old = site.key
    site.key = (await belfry.command<{ api_key: string }>('key', 'create', site.id)).api_key
    expect(site.key).not.toBe(old)
    // The page's backend takes its time, so that all three wait for it. The stream's own end is waited for as well.
    let give: () => void = () => {}
    const given = new Promise<void>(resolve => (give = resolve))
    await visit.page.route(`${backend.origin}/**`, async route => {
        await given
        await route.continue()
    })
    const before = (await visit.notes()).calls
    await belfry.command('key', 'revoke', site.id, key_id)
    await visit.item('Message 1').click()
    await visit.item('Message 2').click()
    await visit.item('Message 3').click()
    await expect.poll(() => answers.filter(answer => answer.startsWith('401')).length).toBeGreaterThanOrEqual(3)
    give()
    await expect.poll(() => answers.filter(answer => answer.startsWith('200')).length).toBe(3)
    expect((await visit.notes()).calls - before).toBe(1)
    await expect(visit.bell).toHaveAccessibleName('Notifications, 1 unread')
    await expect(visit.notice).toBeHidden()
    await expect(visit.panel).toBeVisible()
    await visit.awake()
    await site.publish('Live again')
    await expect(visit.item('Live again')).toBeVisible()
    expect((await visit.notes()).errors).toEqual([])
})

test('a contact that was erased and made anew: the old inbox goes, the new one comes', async ({ visit, site }) => {
    await site.publish('Only for the old Anna', {}, { audience: { contact: { externalCustomerId: 'anna' } } })
    await visit.arrive()
    await expect(visit.bell).toHaveAccessibleName('Notifications, 1 unread')
    await site.call('DELETE', '/contact?externalCustomerId=anna')
    await site.contact('anna')
    await site.publish('For the new Anna', {}, { audience: { contact: { externalCustomerId: 'anna' } } })
    await expect(visit.item('For the new Anna')).toBeAttached({ timeout: 15_000 })
    await expect(visit.items).toHaveCount(1)
    await expect(visit.bell).toHaveAccessibleName('Notifications, 1 unread')
})

test('a reader who is signed out meanwhile, with the page as it was, sees a line and no messages are lost', async ({ visit, site, belfry }) => {
    await site.fill(2)
    await visit.arrive()
    await visit.open()
    const { key_id } = (await belfry.command<{ key_id: string }[]>('key', 'list', site.id))[0] ?? { key_id: '' }
    site.key = (await belfry.command<{ api_key: string }>('key', 'create', site.id)).api_key
    await visit.page.evaluate(() => Object.assign(window, { token: () => Promise.resolve('') }))
    await belfry.command('key', 'revoke', site.id, key_id)
    await expect(visit.wrapper).toHaveCount(0)
    expect((await visit.notes()).errors).toEqual([])
})

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`a server restarted after ${signal}: what was published meanwhile is there, and live goes on`, async ({ own }) => {
        const { site } = own
        await site.fill(2)
        await own.arrive()
        await own.open()
        await site.belfry.stop(signal)
        await expect(own.frame.getByText('You’re offline')).toBeVisible()
        await own.item('Message 1').click()
        await expect(own.notice).toContainText('That didn’t work')
        await expect(own.unread).toHaveCount(2)
        await own.page.screenshot({ path: test.info().outputPath('offline.png') })
        await site.belfry.command('message', 'recall', site.id, await own.item('Message 2').getAttribute('data-id') ?? '')
        await site.belfry.restart()
        await site.publish('While you were away')
        await expect(own.item('While you were away')).toBeVisible({ timeout: 15_000 })
        await expect(own.item('Message 2')).toHaveCount(0)
        await expect(own.frame.getByText('You’re offline')).toBeHidden()
        await own.awake()
        await site.publish('And now')
        await expect(own.item('And now')).toBeVisible()
        await expect(own.titles).toContainText(['And now', 'While you were away', 'Message 1'])
        await expect(own.bell).toHaveAccessibleName('Notifications, 3 unread')
        expect((await own.notes()).errors).toEqual([])
    })
}

test('an acknowledged mark survives the server’s sudden end', async ({ own }) => {
    await own.site.fill(2)
    await own.arrive()
    await own.open()
    const kept = own.page.waitForResponse(answer => answer.url().endsWith('/marks') && (answer.request().postData() ?? '').includes('read'))
    await own.item('Message 1').click()
    expect((await kept).status()).toBe(200)
    await own.site.belfry.stop('SIGKILL')
    await own.site.belfry.restart()
    await own.page.reload()
    await expect(own.bell).toHaveAccessibleName('Notifications, 1 unread')
})

test('a network that goes and comes', async ({ visit, site, context }) => {
    await site.fill(1)
    await visit.arrive()
    await visit.open()
    await context.setOffline(true)
    await visit.allRead.click()
    await expect(visit.notice).toBeVisible()
    await expect(visit.unread).toHaveCount(1)
    await context.setOffline(false)
    await visit.allRead.click()
    await expect(visit.unread).toHaveCount(0)
    await expect(visit.notice).toBeHidden()
    await site.publish('Back')
    await expect(visit.item('Back')).toBeVisible({ timeout: 15_000 })
})

test('a page that takes the target away and puts it back', async ({ visit, site }) => {
    await site.fill(2)
    await visit.arrive()
    await visit.page.evaluate(() => {
        document.querySelector('#target')?.remove()
    })
    await expect(visit.wrapper).toHaveCount(0)
    await site.publish('Meanwhile')
    await visit.page.evaluate(() => document.body.insertAdjacentHTML('afterbegin', '<header id=target></header>'))
    await expect(visit.bell).toHaveAccessibleName('Notifications, 3 unread')
    await visit.awake()
    await site.publish('Afterwards')
    await expect(visit.bell).toHaveAccessibleName('Notifications, 4 unread')
    expect((await visit.notes()).calls).toBeLessThanOrEqual(2)
})

test('Belfry down at first: the page is as usable as ever, and the bell comes later', async ({ own }) => {
    const { page, site } = own
    await site.fill(1)
    // The loader comes from the browser's cache, as it does for who was here before.
    await own.arrive()
    await site.belfry.stop('SIGKILL')
    await own.go({ body: '<header id=target></header><main><button onclick="this.textContent = 1 + +this.textContent">0</button></main>' })
    await page.getByRole('button', { name: '0' }).click()
    await expect(page.getByRole('button', { name: '1' })).toBeVisible()
    await expect(own.bell).toHaveCount(0)
    expect((await own.notes()).errors).toEqual([])
    await site.belfry.restart()
    await expect(own.bell).toHaveAccessibleName('Notifications, 1 unread', { timeout: 15_000 })
    await expect(own.iframe).toBeVisible()
})

test('Belfry that never answers covers nothing and throws nothing', async ({ visit }) => {
    await visit.page.route('**/embed/**', () => {})
    await visit.go({ body: '<header id=target></header><main style="position:absolute;inset:0"><button>Buy</button></main>' })
    await visit.page.evaluate(() => (window as unknown as { eS: (name: string) => void }).eS('open'))
    await visit.page.getByRole('button', { name: 'Buy' }).click()
    await expect(visit.iframe).not.toBeVisible()
    expect((await visit.notes()).errors).toEqual([])
})
