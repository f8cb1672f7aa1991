// Times of messages in the reader's language and time zone: relative, a date after a week, and
// exact.
import { expect, test, type ReaderPage } from '../support/fixtures.ts'

/** The displayed text, and the text for screen readers. */
const time = async (readerPage: ReaderPage) => {
    const element = readerPage.items.locator('time')
    const [shown = '', hidden = ''] = await element.evaluate(time => [time.firstChild?.textContent ?? '', time.lastElementChild?.textContent ?? ''])
    return { shown, hidden, title: await element.getAttribute('title'), moment: new Date((await element.getAttribute('datetime')) ?? '') }
}

const day = 24 * 60 * 60 * 1000

const shows = (readerPage: ReaderPage, text: string) => expect.poll(async () => (await time(readerPage)).shown).toBe(text)

/** A time zone in which it is between ten and eleven in the morning, so that two hours later is still today. */
const morning = () => {
    const offset = ((10 - new Date().getUTCHours() + 36) % 24) - 12
    // These names have the sign the other way round.
    return `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`
}

test.describe('in the morning', () => {
    test.use({ timezoneId: morning() })

    test('relative times stay correct, also with a clock that is years ahead', async ({ readerPage, site }) => {
        await readerPage.page.clock.install({ time: '2040-05-05T12:00:00Z' })
        await site.publish('Early')
        await readerPage.arrive()
        await readerPage.open()
        for (const [pass, text] of [['00:00', 'just now'], ['05:10', '5 min'], ['02:00:00', '2 h'], ['24:00:00', 'yesterday'], ['48:00:00', '3 d']] as const) {
            if (pass !== '00:00') await readerPage.page.clock.fastForward(pass)
            await shows(readerPage, text)
        }
    })
})

for (const { locale, timezoneId, language, zone } of [
    { locale: 'en-GB', timezoneId: 'America/Los_Angeles', language: 'en-GB', zone: 'America/Los_Angeles' },
    { locale: 'uk-UA', timezoneId: 'Europe/Kyiv', language: 'uk', zone: 'Europe/Kyiv' },
    { locale: 'en-US', timezoneId: 'Pacific/Kiritimati', language: 'ar', zone: 'Pacific/Kiritimati' }
]) {
    test.describe(`${language} in ${zone}`, () => {
        test.use({ locale, timezoneId })

        test('the exact time is in the title and beside the text, and after a week there is a date', async ({ readerPage, site }) => {
            await readerPage.page.clock.install()
            await site.publish('Early')
            await readerPage.arrive({ language })
            await readerPage.bell.click()
            const early = await time(readerPage)
            const exact = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: zone }).format(early.moment)
            expect(early.title).toBe(exact)
            expect(early.hidden).toBe(`, ${exact}`)
            await expect(readerPage.items.locator('time')).toHaveAttribute('dir', 'auto')
            await readerPage.page.clock.fastForward(7 * day)
            const [short, withYear] = [{}, { year: 'numeric' as const }].map(more => new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: zone, ...more }).format(early.moment))
            await expect.poll(async () => [short, withYear].includes((await time(readerPage)).shown)).toBe(true)
            await readerPage.page.clock.fastForward(366 * day)
            await expect.poll(async () => (await time(readerPage)).shown).toBe(withYear)
        })
    })
}

test('new messages have their time in the reader’s language as well', async ({ readerPage, site }) => {
    await readerPage.arrive()
    await readerPage.open()
    await site.publish('Early')
    await expect.poll(async () => (await readerPage.items.count()) && (await time(readerPage)).title).toMatch(/^\w+ \d+, \d{4} at \d+:\d\d\s[AP]M$/)
})

test('Ukrainian uses its four plural forms', async ({ readerPage, site }) => {
    await readerPage.arrive({ language: 'uk' })
    const name = (text: string) => expect(readerPage.bell).toHaveAccessibleName(`Сповіщення${text}`)
    await name('')
    await site.publish('1')
    await name(', 1 непрочитане')
    await site.publish('2')
    await name(', 2 непрочитані')
    for (const title of ['3', '4', '5']) await site.publish(title)
    await name(', 5 непрочитаних')
    for (let title = 6; title <= 21; title++) await site.publish(`${title}`)
    await name(', 21 непрочитане')
    await readerPage.bell.click()
    await expect(readerPage.panel).toBeVisible()
    await readerPage.scrollTo(400)
    for (const [title, text] of [
        ['22', '1 нове повідомлення'],
        ['23', '2 нові повідомлення'],
        ['24', '3 нові повідомлення'],
        ['25', '4 нові повідомлення'],
        ['26', '5 нових повідомлень']
    ] as const) {
        await site.publish(title)
        await expect(readerPage.newMessages).toHaveText(text)
    }
})

test.describe('days by the reader’s calendar', () => {
    test.use({ timezoneId: 'Europe/Kyiv', locale: 'en-GB' })

    // Kyiv is at UTC+2, in summer at UTC+3: from the last Sunday of March to that of October, at
    // 01:00 UTC.
    const moments = {
        'late on Monday and early on Wednesday': ['2026-11-23T23:30+02:00', [['2026-11-24T00:10+02:00', '40 min'], ['2026-11-24T23:20+02:00', '23 h'], ['2026-11-24T23:50+02:00', 'yesterday'], ['2026-11-25T00:30+02:00', '2 d'], ['2026-11-29T23:50+02:00', '6 d'], ['2026-11-30T00:10+02:00', 'Nov 23']]],
        'early on Monday': ['2026-11-23T00:10+02:00', [['2026-11-24T00:05+02:00', '23 h'], ['2026-11-24T23:50+02:00', 'yesterday'], ['2026-11-25T00:01+02:00', '2 d']]],
        'over the night that is an hour shorter': ['2026-03-28T23:30+02:00', [['2026-03-29T23:50+03:00', '23 h'], ['2026-03-30T00:45+03:00', '2 d']]],
        'over the night that is an hour longer': ['2026-10-25T00:10+03:00', [['2026-10-25T23:40+02:00', '24 h'], ['2026-10-26T00:20+02:00', 'yesterday'], ['2026-10-26T23:50+02:00', 'yesterday'], ['2026-10-27T00:10+02:00', '2 d']]],
        'over the end of a year': ['2026-12-31T23:59+02:00', [['2027-01-02T00:01+02:00', '2 d'], ['2027-01-07T00:01+02:00', 'Dec 31, 2026']]]
    } as const
    for (const [name, [then, looks]] of Object.entries(moments)) {
        test(name, async ({ readerPage, site }) => {
            const start = Date.parse(then)
            await readerPage.page.clock.install({ time: start })
            await site.publish('Early')
            // The message from the server's present time.
            await readerPage.page.route(/\/embed\/[^/]+$/, async route => {
                const answer = await route.fetch()
                const html = (await answer.text()).replace(/data-now="?\d+"?/, `data-now="${start}"`).replace(/datetime="[^"]*"/, `datetime="${new Date(start).toISOString()}"`)
                await route.fulfill({ response: answer, body: html })
            })
            await readerPage.go()
            await readerPage.open()
            await shows(readerPage, 'just now')
            for (const [now, text] of looks) {
                await readerPage.page.clock.setSystemTime(now)
                await readerPage.page.clock.runFor(31_000)
                await shows(readerPage, text)
            }
        })
    }
})

test('text that the browser has translated stays until it changes', async ({ readerPage, site }) => {
    await readerPage.page.clock.install()
    await site.publish('Early')
    await readerPage.arrive()
    await readerPage.open()
    await shows(readerPage, 'just now')
    const before = (await time(readerPage)).title
    await readerPage.items.locator('time').evaluate(time => time.firstChild?.replaceWith(Object.assign(document.createElement('font'), { innerHTML: '<font>gerade eben</font>' })))
    await readerPage.page.clock.runFor(31_000)
    await shows(readerPage, 'gerade eben')
    await readerPage.page.clock.runFor(60_000)
    await shows(readerPage, '1 min')
    await readerPage.page.clock.fastForward('02:00:00')
    await shows(readerPage, '2 h')
    expect((await time(readerPage)).title).toBe(before)
    expect((await time(readerPage)).hidden).toBe(`, ${before}`)
})
