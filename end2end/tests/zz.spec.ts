import { expect, test } from '../support/real.ts'
test('dbg', async ({ visit, site }) => {
    visit.page.on('console', m => console.log('CONSOLE', m.type(), m.text()))
    visit.page.on('pageerror', e => console.log('ERR', e.stack))
    visit.page.on('requestfailed', r => console.log('FAILED', r.url()))
    visit.page.on('response', r => r.url().includes('localhost') || console.log(r.status(), r.url().slice(-60)))
    await site.fill(3)
    await visit.go()
    await visit.page.waitForTimeout(3000)
    console.log(await visit.frame.locator('html').evaluate(h => JSON.stringify(h.dataset)))
})
