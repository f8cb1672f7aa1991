// When a message came, as its reader says it: how long ago, a date after a week, and exactly when, in their language and time zone.
import { expect, test, type Visit } from '../support/real.ts'

/** What is shown, and what a screen reader adds to it. */
const time = async (visit: Visit) => {
    const element = visit.items.locator('time')
    const [shown = '', hidden = ''] = await element.evaluate(time => [time.firstChild?.textContent ?? '', time.lastElementChild?.textContent ?? ''])
    return { shown, hidden, title: await element.getAttribute('title'), moment: new Date((await element.getAttribute('datetime')) ?? '') }
}

const day = 24 * 60 * 60 * 1000

const shows = (visit: Visit, text: string) => expect.poll(async () => (await time(visit)).shown).toBe(text)

test('how long ago is kept true, also by a clock that is years ahead', async ({ visit, site }) => {
    await visit.page.clock.install({ time: '2040-05-05T12:00:00Z' })
    await site.publish('Early')
    await visit.arrive()
    await visit.open()
    for (const [pass, text] of [['00:00', 'just now'], ['05:10', '5 min'], ['02:00:00', '2 h'], ['24:00:00', 'yesterday'], ['48:00:00', '3 d']] as const) {
        if (pass !== '00:00') await visit.page.clock.fastForward(pass)
        await shows(visit, text)
    }
})

for (const { locale, timezoneId, language, zone } of [
    { locale: 'en-GB', timezoneId: 'America/Los_Angeles', language: 'en-GB', zone: 'America/Los_Angeles' },
    { locale: 'uk-UA', timezoneId: 'Europe/Kyiv', language: 'uk', zone: 'Europe/Kyiv' },
    { locale: 'en-US', timezoneId: 'Pacific/Kiritimati', language: 'ar', zone: 'Pacific/Kiritimati' }
]) {
    test.describe(`${language} in ${zone}`, () => {
        test.use({ locale, timezoneId })

        test('exactly when stands in the title and beside the words, and a week later there is a date', async ({ visit, site }) => {
            await visit.page.clock.install()
            await site.publish('Early')
            await visit.arrive({ language })
            await visit.bell.click()
            const early = await time(visit)
            const exact = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: zone }).format(early.moment)
            expect(early.title).toBe(exact)
            expect(early.hidden).toBe(`, ${exact}`)
            await expect(visit.items.locator('time')).toHaveAttribute('dir', 'auto')
            await visit.page.clock.fastForward(7 * day)
            const [short, withYear] = [{}, { year: 'numeric' as const }].map(more => new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: zone, ...more }).format(early.moment))
            await expect.poll(async () => [short, withYear].includes((await time(visit)).shown)).toBe(true)
            await visit.page.clock.fastForward(366 * day)
            await expect.poll(async () => (await time(visit)).shown).toBe(withYear)
        })
    })
}

test('what arrives has its time in the reader’s words as well', async ({ visit, site }) => {
    await visit.arrive()
    await visit.open()
    await site.publish('Early')
    await expect.poll(async () => (await visit.items.count()) && (await time(visit)).title).toMatch(/^\w+ \d+, \d{4} at \d+:\d\d\s[AP]M$/)
})

test('Ukrainian counts in its four forms', async ({ visit, site }) => {
    await visit.arrive({ language: 'uk' })
    const name = (text: string) => expect(visit.bell).toHaveAccessibleName(`Сповіщення${text}`)
    await name('')
    await site.publish('1')
    await name(', 1 непрочитане')
    await site.publish('2')
    await name(', 2 непрочитані')
    for (const title of ['3', '4', '5']) await site.publish(title)
    await name(', 5 непрочитаних')
    for (let title = 6; title <= 21; title++) await site.publish(`${title}`)
    await name(', 21 непрочитане')
    await visit.bell.click()
    await expect(visit.panel).toBeVisible()
    await visit.scrollTo(400)
    for (const [title, text] of [
        ['22', '1 нове повідомлення'],
        ['23', '2 нові повідомлення'],
        ['24', '3 нові повідомлення'],
        ['25', '4 нові повідомлення'],
        ['26', '5 нових повідомлень']
    ] as const) {
        await site.publish(title)
        await expect(visit.pill).toHaveText(text)
    }
})
