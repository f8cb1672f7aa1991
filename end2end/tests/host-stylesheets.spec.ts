// Pages with the style sheet of a real framework: its reset of every element, and where sites put
// the bell.
import { expect, test, type Host, type HostPage } from '../support/host.ts'
import { packaged, tailwind } from '../support/stylesheet.ts'

const text = '<p>A line of the page.</p>'.repeat(60)

/** The page with this sheet in its head, after the page's own rules. */
const styled = (host: Host, css: string, page: HostPage): HostPage => ({
    ...page,
    head: `<link rel=stylesheet href="${host.backend.pages.add(css, { 'content-type': 'text/css' })}">${page.head ?? ''}`
})

/** Asserts that the page works, and that the sheet affects the page only. */
const holds = async (host: Host, css: string, page: HostPage) => {
    await host.expectWorks(styled(host, css, page))
    await expect(host.page.locator('#target'), 'the sheet is the page’s').toHaveCSS('box-sizing', 'border-box')
}

const navbar = `<nav class="navbar navbar-expand bg-body-tertiary sticky-top border-bottom"><div class=container-fluid>
    <a class=navbar-brand href="#">Shop</a><ul class="navbar-nav ms-auto align-items-center"><li class=nav-item><a class=nav-link href="#">Orders</a></li>
    <li class="nav-item"><b id=target></b></li></ul></div></nav><main class="container py-3">${text}</main>`

const bootstrap: Record<string, HostPage & { sheet?: string }> = {
    'in a navbar': { body: navbar },
    'in a dark navbar': { root: 'lang=en data-bs-theme=dark', body: navbar },
    'in a navbar from right to left': { sheet: 'bootstrap.rtl.min.css', root: 'lang=ar dir=rtl', body: navbar },
    'with its reset alone': { sheet: 'bootstrap-reboot.min.css' },
    'in a group of buttons': { body: '<div class="btn-group p-3"><button class="btn btn-primary">Buy</button><b id=target class="btn p-0"></b></div>' },
    'in a card': { body: `<div class="container p-3"><div class="card shadow overflow-hidden"><div class="card-header d-flex justify-content-between">Account <b id=target></b></div><div class=card-body>${text}</div></div></div>` },
    'in a box that keeps a shape': { body: '<div class="ratio ratio-16x9"><div><b id=target></b></div></div>' },
    'in a table that scrolls': { body: '<div class="table-responsive"><table class="table table-hover"><tr><td>Messages<td><b id=target></b></table></div>' }
}

for (const [name, { sheet = 'bootstrap.min.css', ...page }] of Object.entries(bootstrap)) {
    test(`Bootstrap, ${name}`, async ({ host }) => holds(host, await packaged(`bootstrap/dist/css/${sheet}`), page))
}

test('Bootstrap, in a dialog of its own that traps the focus', async ({ host }) => {
    const library = host.backend.pages.add(await packaged('bootstrap/dist/js/bootstrap.bundle.min.js'), { 'content-type': 'text/javascript' })
    await host.show(
        styled(host, await packaged('bootstrap/dist/css/bootstrap.min.css'), {
            head: `<script src="${library}"></script>`,
            body: `<button class="btn btn-primary" data-bs-toggle=modal data-bs-target="#modal">Account</button>
                <div class=modal id=modal tabindex=-1 aria-label=Account><div class=modal-dialog><div class=modal-content><div class=modal-header>
                <h1 class="modal-title fs-5">Account</h1> <b id=target></b></div><div class=modal-body>${text}</div></div></div></div>`
        })
    )
    await host.page.getByRole('button', { name: 'Account' }).click()
    await host.rests()
    await host.bell.click()
    await expect(host.panel).toBeVisible()
    await host.covers()
    await host.items.first().click()
    await host.picture('open')
    await expect(host.page.locator('#modal')).toBeVisible()
    expect(host.lines).toEqual([])
})

const header = 'sticky top-0 flex items-center justify-between gap-4 border-b bg-white p-4 shadow'.split(' ')
const pages: Record<string, [string, HostPage, string[]?]> = {
    'its reset alone': ['@layer theme, base; @import "tailwindcss/theme.css" layer(theme); @import "tailwindcss/preflight.css" layer(base);', {}],
    'its reset without a layer': ['@import "tailwindcss/theme.css"; @import "tailwindcss/preflight.css";', {}],
    'all of it, in a header': ['@import "tailwindcss";', { body: `<header class="${header.join(' ')}">Shop <b id=target></b></header><main>${text}</main>` }, header],
    'all of it, between things with room': [
        '@import "tailwindcss";',
        { body: `<div class="space-y-4 divide-y p-4 transition-all"><p>Above</p><b id=target></b><p>Below</p></div>` },
        ['space-y-4', 'divide-y', 'p-4', 'transition-all']
    ]
}

for (const [name, [sheet, page, classes]] of Object.entries(pages)) {
    test(`Tailwind, ${name}`, async ({ host }) => {
        await holds(host, await tailwind(sheet, classes), page)
    })
}

test('Tailwind, whose reset makes every frame a block: the bell stays inline', async ({ host }) => {
    await host.show(styled(host, await tailwind('@import "tailwindcss";'), { body: '<p>Before <b id=target></b> after</p>' }))
    await host.rests()
    const { y, height } = (await host.page.locator('p').boundingBox())!
    const bell = (await host.wrapper.boundingBox())!
    expect(bell.y).toBeGreaterThanOrEqual(y)
    expect(height).toBeLessThan(60)
    await host.works()
})
