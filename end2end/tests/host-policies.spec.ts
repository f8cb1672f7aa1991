// Pages with the strictest policies, isolated pages, and print.
import { expect, queue, script, test } from '../support/host.ts'

/** The minimal policy of the documentation, with nothing else for Belfry. */
const least = (belfry: string, own: string) => `default-src 'none'; script-src 'nonce-page' ${belfry}; frame-src ${belfry}; form-action ${belfry}; ${own}`

test('the minimal policy', async ({ host, backend }) => {
    await host.expectWorks({ headers: { 'content-security-policy': least(host.site.belfry.origin, `style-src 'nonce-page'; img-src data:; connect-src ${backend.origin}`) } })
})

test('the same with Trusted Types, with the script as a tag', async ({ host, backend }) => {
    const { belfry, id } = host.site
    const own = `style-src 'nonce-page'; img-src data:; connect-src ${backend.origin}; require-trusted-types-for 'script'; trusted-types 'none'`
    await host.expectWorks({
        headers: { 'content-security-policy': least(belfry.origin, own) },
        scripts: script(queue + host.init()) + `<script async src="${belfry.origin}/scripts/${id}.js"></script>`
    })
})

test('a cross-origin isolated page, with images in the messages', async ({ host, backend, context }) => {
    await context.route('https://pictures.example/**', route =>
        route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="56" height="56"><circle cx="28" cy="28" r="28" fill="#2a56d6"/></svg>' })
    )
    await host.site.publish('With a picture', { image: 'https://pictures.example/a.svg' })
    // The server of the token must send CORS headers as well.
    await host.show({ headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' } })
    await expect.poll(() => backend.requests.get(host.site.id)).toBe(1)
    await host.rests(4)
    expect(await host.page.evaluate(() => crossOriginIsolated)).toBe(true)
    await host.ready()
    await host.bell.click()
    await expect(host.items).toHaveCount(4)
    await expect(host.frame.locator('.item img')).toHaveJSProperty('naturalWidth', 56)
    await host.covers()
    await host.picture('open')
    // A document that the frame navigates to itself is allowed as well.
    await host.frame.locator('html').evaluate(html => location.assign(`${html.dataset.base}/page?reader=${html.dataset.reader}`))
    await expect(host.items).toHaveCount(4)
    await expect(host.panel).toBeVisible()
    await host.page.keyboard.press('Escape')
    await expect(host.panel).toBeHidden()
    await host.quiet()
})

test('in print there is no bell and no panel, and the page is complete', async ({ host }) => {
    await host.show({ body: '<header>Shop <b id=target></b></header><main><p>The page</p></main>' })
    await host.rests()
    await host.open()
    await host.page.evaluate(() =>
        addEventListener('beforeprint', () => {
            const bell = document.querySelector('belfry-bell')
            const frame = bell?.querySelector('iframe')
            Object.assign(window, { printed: bell && frame && [getComputedStyle(frame).visibility, bell.getBoundingClientRect().height, frame.matches(':popover-open')] })
        })
    )
    const paper = await host.page.pdf()
    expect(await host.page.evaluate(() => (window as unknown as { printed: unknown }).printed)).toEqual(['hidden', 40, false])
    expect(paper.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1)
    await expect(host.panel).toBeHidden()
    await host.works()
})
