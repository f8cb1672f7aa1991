// Seeds a site with data, and lists every page of the console that displays some of it.
import type { ConsolePage } from './console.ts'
import { expect, readerPageOf } from './console.ts'
import { ConversationApi, seedConversations } from './conversations.ts'
import type { Backend } from './fixtures.ts'
import type { Page } from '@playwright/test'

const words = ['Lamps for the evening', 'Order 1042 is on its way', 'We are open on Saturdays', 'A very long title about every single thing that our shop has to offer you this spring']

/**
 * Seeds a new instance; returns the paths of its pages below the site's path, by names suitable for
 * files.
 */
export const seed = async (consolePage: ConsolePage, reader: Page, backend: Backend): Promise<Map<string, string>> => {
    await consolePage.setUp()
    const site = await consolePage.create(backend.pages.origin)
    const people = ['Anna Berg', 'Bohdan Koval', 'Clara Silva', 'Dmytro Bondar', 'Emma-Louise Featherstonehaugh']
    const contacts: number[] = []
    for (const [index, name] of people.entries()) {
        const [firstName = '', lastName = ''] = name.split(' ')
        const more = { email: `${firstName.toLowerCase()}@shop.example`, firstName, lastName, language: index % 2 ? 'uk' : 'en', attributes: { plan: index % 2 ? 'pro' : 'free', city: 'Kyiv' } }
        contacts.push((await site.contact(index ? `person-${index}` : 'anna', more)).id)
    }
    const segment = await site.call<{ id: number }>('POST', '/segments', { name: 'On the pro plan', condition: { attribute: 'plan', equals: 'pro' } })
    const messages: string[] = []
    for (const title of words) messages.push(await site.publish(title, { body: 'Come in and **look**.', link: 'https://shop.example/' }))
    await site.publish('For those on the pro plan', {}, { audience: { segment: { id: segment.id } } })
    const later = (await site.call<{ id: string }>('POST', '/messages', { audience: 'everyone', content: { en: { title: 'Tomorrow' } }, publishAt: new Date(Date.now() + 86_400_000).toISOString() })).id
    await site.recall(await site.publish('Never mind'))
    const readerPage = readerPageOf(reader, site, backend)
    await readerPage.arrive()
    await readerPage.open()
    await readerPage.clickTool('Order 1042 is on its way', 'Mark as read')
    await expect(readerPage.unread).toHaveCount(words.length - 1)
    await readerPage.page.keyboard.press('Escape')

    const conversation = await seedConversations(await ConversationApi.open(site))
    const { page } = consolePage
    await consolePage.go('webhooks/new')
    await consolePage.fill({ Address: 'https://93.184.216.34/hook' })
    await page.locator('input[name=events][value="message.read"]').check()
    await consolePage.button('Save').click()
    await consolePage.link('Go to the webhook').click()
    const webhook = new URL(page.url()).pathname.slice(consolePage.base.length + 1)
    await consolePage.go('inboxes/new')
    await consolePage.fill({ Name: 'Shop', 'Callback URL': 'https://93.184.216.34/hook' })
    await consolePage.button('Create inbox').click()
    await consolePage.titled('Shop')
    const inbox = new URL(page.url()).pathname.slice(consolePage.base.length + 1)
    await consolePage.go('members')
    await consolePage.button('Create link').click()
    await consolePage.titled('The invitation is ready')
    await consolePage.go('themes')
    await consolePage.button('Start from quiet').click()
    await consolePage.button('Publish').click()
    await consolePage.go('themes')
    await consolePage.button('Start from paper').click()
    await consolePage.titled('Version 2')
    await consolePage.go('contacts/import')
    await consolePage.field('Or paste the rows').fill('Id,E-mail,Plan\nx1,x1@shop.example,pro\n,nobody,pro\n')
    await consolePage.button('Continue').click()
    const columns = new URL(page.url()).pathname.slice(consolePage.base.length + 1)
    await consolePage.button('Check without importing').click()
    await consolePage.button(/^Import \d+ rows?$/).click()
    await consolePage.titled('Import finished')
    const done = new URL(page.url()).pathname.slice(consolePage.base.length + 1)
    await consolePage.go('settings/categories')
    return new Map([
        ['overview', ''],
        ['snippet', 'snippet'],
        ['conversations', 'conversations'],
        ['conversations-none', 'conversations?q=zzzz'],
        ['conversation', `conversations/${conversation}`],
        ['messages', 'messages'],
        ['messages-none', 'messages?q=zzzz'],
        ['message', `messages/${messages[1]}`],
        ['message-scheduled', `messages/${later}`],
        ['message-new', 'messages/new'],
        ['message-edit', `messages/${messages[0]}/edit`],
        ['message-duplicate', `messages/${messages[0]}/duplicate`],
        ['message-recall', `messages/${messages[0]}/recall`],
        ['message-resend', `messages/${messages[0]}/resend`],
        ['segments', 'segments'],
        ['segment', `segments/${segment.id}`],
        ['segment-new', 'segments/new'],
        ['contacts', 'contacts'],
        ['contact', `contacts/${contacts[0]}`],
        ['contact-new', 'contacts/new'],
        ['contact-edit', `contacts/${contacts[0]}/edit`],
        ['contact-erase', `contacts/${contacts[0]}/erase`],
        ['import', 'contacts/import'],
        ['import-columns', columns],
        ['imports', 'contacts/imports'],
        ['import-done', done],
        ['themes', 'themes'],
        ['theme', 'themes/2'],
        ['theme-editor', 'themes/edit'],
        ['webhooks', 'webhooks'],
        ['webhook', webhook],
        ['webhook-new', 'webhooks/new'],
        ['inboxes', 'inboxes'],
        ['inbox', `${inbox}?show=secrets`],
        ['inbox-new', 'inboxes/new'],
        ['inbox-connect', `${inbox}/connect`],
        ['inbox-delete', `${inbox}/delete`],
        ['members', 'members'],
        ['audit', 'audit'],
        ['settings', 'settings'],
        ['settings-placement', 'settings/placement'],
        ['settings-categories', 'settings/categories'],
        ['settings-retention', 'settings/retention'],
        ['settings-keys', 'settings/keys'],
        ['sites', '/console'],
        ['site-new', '/console/sites/new'],
        ['account', '/console/account'],
        ['missing', '/console/nowhere']
    ])
}

/** Opens one of the pages, and waits until it is loaded completely. */
export const openPage = async (consolePage: ConsolePage, path: string) => {
    if (path.startsWith('/')) await consolePage.page.goto(consolePage.belfry.origin + path)
    else await consolePage.go(path)
    await expect(consolePage.page.getByRole('heading', { level: 1 })).toBeVisible()
    await consolePage.quiet()
}
