// Modal dialogs of the page: the panel is usable with them, or it stays closed with a console
// message.
import { expect, script, test, type Host } from '../support/host.ts'

const text = '<main><p>The page</p></main>'
const reason = 'a dialog of the page is open'

/** Asserts that it didn't open, logged the reason, and doesn't cover the page. */
const refuses = async (host: Host) => {
    await expect.poll(() => host.lines).toEqual([expect.stringContaining(reason)])
    await expect(host.panel).toBeHidden()
    await expect(host.iframe).toHaveCSS('width', '40px')
    expect(await host.iframe.evaluate(iframe => iframe.matches(':popover-open'))).toBe(false)
    host.lines.length = 0
}

/** A reader reads, tabs through the panel and closes it. */
const usable = async (host: Host) => {
    await expect(host.panel).toBeVisible()
    await host.covers()
    await expect(host.panel).toBeFocused()
    await host.page.keyboard.press('Tab')
    expect(await host.frame.locator('#panel').evaluate(panel => panel.contains(document.activeElement))).toBe(true)
    await host.item('Message 3').click()
    await expect(host.unread).toHaveCount(2)
    await host.page.keyboard.press('Escape')
    await expect(host.panel).toBeHidden()
    await host.quiet()
}

const button = `<button id=ask onclick="eS('open')">Messages</button>`

/** With a dialog that the page opens itself. */
const show = async (host: Host, body: string, open: string, at: 'once' | 'later' = 'later') => {
    await host.show({ body: body + (at === 'once' ? script(open) : '') })
    await host.rests()
    await host.ready()
    if (at === 'later') await host.page.evaluate(open)
}

const modal = `document.querySelector('dialog').showModal()`

test('a modal dialog: the panel is blocked while it is open, and usable after it', async ({ host }) => {
    await show(host, `<header><b id=target></b></header>${text}<dialog>${button}<button id=done onclick="this.closest('dialog').close()">Done</button></dialog>`, modal)
    await host.page.locator('#ask').click()
    await refuses(host)
    await expect(host.page.locator('#ask'), 'the focus stays where it was').toBeFocused()
    await expect(host.page.locator('dialog')).toBeVisible()
    await host.page.locator('#done').click()
    await host.bell.click()
    await usable(host)
})

test('a modal dialog in a shadow root', async ({ host }) => {
    await show(
        host,
        `<header><b id=target></b></header>${text}<my-dialog></my-dialog>`,
        `const root = document.querySelector('my-dialog').attachShadow({ mode: 'closed' }); root.innerHTML = '<dialog>Sure?</dialog>'; root.querySelector('dialog').showModal(); eS('open')`
    )
    await refuses(host)
})

test('a modal dialog that opens over the panel closes it', async ({ host }) => {
    await show(host, `<header><b id=target></b></header>${text}<dialog><button>Sign in again</button></dialog>`, '')
    await host.open()
    await host.page.evaluate(() => setTimeout(() => document.querySelector('dialog')?.showModal()))
    await expect(host.page.locator('dialog')).toBeVisible()
    await expect(host.panel).toBeHidden()
    await expect(host.iframe).toHaveCSS('width', '40px')
    await host.quiet()
})

test('a bell inside the modal dialog', async ({ host }) => {
    await show(host, `${text}<dialog style="width: 500px; height: 300px"><b id=target></b> <button>Done</button></dialog>`, modal, 'once')
    await host.page.locator('dialog button').focus()
    await host.bell.click()
    await usable(host)
    await expect(host.page.locator('dialog')).toBeVisible()
    // It disappears with the dialog.
    await host.bell.click()
    await expect(host.panel).toBeVisible()
    await host.page.evaluate(() => document.querySelector('dialog')?.close())
    await expect(host.panel).toBeHidden()
})

test('a dialog that is not modal', async ({ host }) => {
    await show(host, `<header><b id=target></b></header>${text}<dialog>${button}</dialog>`, `document.querySelector('dialog').show()`)
    await host.page.locator('#ask').click()
    await usable(host)
})

test('everything else inert, set by the page itself', async ({ host }) => {
    await show(host, `<div id=all><header><b id=target></b></header>${text}</div><div role=dialog>${button}</div>`, `document.querySelector('#all').inert = true`)
    await host.page.locator('#ask').click()
    await refuses(host)
    await host.page.evaluate(() => document.querySelector('#all')?.removeAttribute('inert'))
    await host.bell.click()
    await usable(host)
})

test('everything else inert while the panel is open', async ({ host }) => {
    await show(host, `<div id=all><header><b id=target></b></header>${text}</div><div role=dialog>${button}</div>`, '')
    await host.open()
    await host.page.evaluate(() => document.querySelector('#all')?.setAttribute('inert', ''))
    await expect(host.panel).toBeHidden()
    await expect(host.iframe).toHaveCSS('width', '40px')
})

test('a body without pointer events, and a dialog with them', async ({ host }) => {
    await show(host, `<header><b id=target></b></header>${text}<div role=dialog style="pointer-events: auto">${button}</div>`, `document.body.style.pointerEvents = 'none'`)
    await host.page.locator('#ask').click()
    await usable(host)
})

const trap = `position: fixed; inset: 20% 30%; z-index: 1050; background: #fff`
const enforcers = {
    'Bootstrap’s way': `addEventListener('focusin', ({ target }) => modal.contains(target) || modal.focus())`,
    'a moment later': `addEventListener('focusin', ({ target }) => modal.contains(target) || setTimeout(() => modal.focus(), 50))`,
    'from time to time': `setInterval(() => modal.contains(document.activeElement) || modal.focus(), 50)`
}
for (const [name, enforce] of Object.entries(enforcers)) {
    test(`a dialog that traps the focus, ${name}`, async ({ host }) => {
        await show(
            host,
            `<header><b id=target></b></header>${text}<div id=modal class=modal tabindex=-1 role=dialog aria-modal=true style="${trap}">${button}</div>`,
            `const modal = document.querySelector('#modal'); modal.focus(); ${enforce}`
        )
        await host.page.locator('#ask').click()
        await refuses(host)
        // It doesn't open by the bell either, which such a dialog doesn't always cover.
        await host.bell.click()
        await expect(host.panel).toBeHidden()
        await expect(host.iframe).toHaveCSS('width', '40px')
    })
}

test('a bell inside a dialog that traps the focus', async ({ host }) => {
    await show(
        host,
        `${text}<div id=modal tabindex=-1 role=dialog aria-modal=true style="${trap}"><b id=target></b></div>`,
        `const modal = document.querySelector('#modal'); modal.focus(); ${enforcers['Bootstrap’s way']}`
    )
    await host.bell.click()
    await usable(host)
})

test('a page that always focuses its one field can still be read', async ({ host }) => {
    await show(host, `<header><b id=target></b></header>${text}<input id=scan>`, `document.querySelector('#scan').onblur = ({ target }) => setTimeout(() => target.focus()); document.querySelector('#scan').focus()`)
    await host.bell.click()
    await expect(host.panel).toBeVisible()
    await host.covers()
    await host.item('Message 3').click()
    await expect(host.unread).toHaveCount(2)
    await host.page.keyboard.press('Escape')
    await expect(host.panel).toBeHidden()
    expect(host.lines).toEqual([])
})

test('a page element that covers the panel does not close it', async ({ host }) => {
    await show(host, `<header><b id=target></b></header>${text}<div id=note popover=manual style="margin: auto">Saved</div>`, '')
    await host.open()
    await host.page.evaluate(() => document.querySelector<HTMLElement>('#note')?.showPopover())
    await host.page.evaluate(() => window.dispatchEvent(new Event('resize')))
    await host.shifts()
    await expect(host.panel).toBeVisible()
    await host.quiet()
})
