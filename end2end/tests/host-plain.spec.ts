// Pages without Belfry's scripts: an iframe, and a form of the site's own that posts the token into
// it.
import { expect, Host, test as base } from '../support/host.ts'

const test = base.extend<{ plain: (query: string, size: string) => Promise<void> }>({
    plain: async ({ host }, use) => {
        await use(async (query, size) => {
            const action = `${host.site.belfry.origin}/embed/${host.site.id}${query}`
            // As documented; the site's backend has put the token there.
            await host.show({
                scripts: '',
                style: 'iframe { border: 0; display: block }',
                body: `<h1>Inbox</h1><iframe name=inbox ${size} title=Notifications></iframe>
                    <form id=hand method=post target=inbox action="${action}"><input type=hidden name=token value="${await host.site.token('anna')}"><input type=hidden name=language value=en></form>
                    <script nonce=page>document.getElementById('hand').submit()</script>`
            })
        })
    }
})

const inside = (host: Host) => host.page.frameLocator('iframe[name=inbox]')

test('a bell that opens inside its own iframe', async ({ host, plain }) => {
    await plain('', 'width=420 height=500')
    const frame = inside(host)
    await expect(frame.locator('#bell')).toHaveAccessibleName('Notifications, 3 unread')
    await expect(frame.locator('#panel')).toBeHidden()
    await frame.locator('#bell').click()
    await expect(frame.locator('#panel')).toBeVisible()
    await expect(frame.locator('.item')).toHaveCount(3)
    await host.picture('open')
    // It opens for its actual size, not for one that the page has set.
    const box = await frame.locator('#panel').boundingBox()
    expect(box?.width).toBeLessThanOrEqual(420)
    await expect(frame.locator('html[data-awake][data-stream=open]')).toBeAttached({ timeout: 15_000 })
    await host.site.publish('Live')
    await expect(frame.locator('.item')).toHaveCount(4)
    await host.page.keyboard.press('Escape')
    await expect(frame.locator('#panel')).toBeHidden()
    await expect(frame.locator('#bell')).toBeFocused()
    await host.quiet()
})

test('the whole inbox as a part of the page, permanently open', async ({ host, plain }) => {
    await plain('?view=page', 'width=800 height=600')
    const frame = inside(host)
    await expect(frame.locator('#panel')).toBeVisible()
    await expect(frame.locator('.item')).toHaveCount(3)
    await expect(frame.locator('html[data-awake][data-stream=open]')).toBeAttached({ timeout: 15_000 })
    await frame.locator('.item').first().click()
    await host.page.keyboard.press('Escape')
    await frame.locator('body').click({ position: { x: 5, y: 5 } })
    await expect(frame.locator('#panel')).toBeVisible()
    await host.site.publish('Live')
    await expect(frame.locator('.item')).toHaveCount(4)
    await host.picture('open')
    await host.quiet()
})

test('the same without WebAssembly', async ({ host, plain, context }) => {
    await context.route('**/*.wasm', route => route.abort())
    host.unavoidable = /^Failed to load resource/
    await plain('?view=page', 'width=800 height=600')
    const frame = inside(host)
    await expect(frame.locator('#panel')).toBeVisible()
    await frame.locator('#panel').getByRole('button', { name: 'Mark all as read' }).click()
    await expect(frame.locator('.item')).toHaveCount(3)
    await expect(frame.locator('.item.unread')).toHaveCount(0)
    await expect(frame.locator('#panel')).toBeVisible()
    await host.quiet()
})
