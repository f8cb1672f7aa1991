// A site on which much has happened, and every page of the console that shows some of it.
import type { Desk } from './console.ts'
import { expect, reading } from './console.ts'
import { Chat, furnishChat } from './conversations.ts'
import type { Backend } from './real.ts'
import type { Page } from '@playwright/test'

const words = ['Lamps for the evening', 'Order 1042 is on its way', 'We are open on Saturdays', 'A very long title about every single thing that our shop has to offer you this spring']

/** Fills a new instance, and gives the addresses of its pages below the site's by names fit for files. */
export const furnish = async (desk: Desk, reader: Page, backend: Backend): Promise<Map<string, string>> => {
    await desk.setUp()
    const site = await desk.create(backend.pages.origin)
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
    const visit = reading(reader, site, backend)
    await visit.arrive()
    await visit.open()
    await visit.does('Order 1042 is on its way', 'Mark as read')
    await expect(visit.unread).toHaveCount(words.length - 1)
    await visit.page.keyboard.press('Escape')

    const conversation = await furnishChat(await Chat.open(site))
    const { page } = desk
    await desk.go('webhooks/new')
    await desk.fill({ Address: 'https://93.184.216.34/hook' })
    await page.locator('input[name=events][value="message.read"]').check()
    await desk.button('Save').click()
    await desk.link('Go to the webhook').click()
    const webhook = new URL(page.url()).pathname.slice(desk.base.length + 1)
    await desk.go('inboxes/new')
    await desk.fill({ Name: 'Shop', 'Callback URL': 'https://93.184.216.34/hook' })
    await desk.button('Create inbox').click()
    await desk.titled('Shop')
    const inbox = new URL(page.url()).pathname.slice(desk.base.length + 1)
    await desk.go('members')
    await desk.button('Create link').click()
    await desk.titled('The invitation is ready')
    await desk.go('themes')
    await desk.button('Start from quiet').click()
    await desk.button('Publish').click()
    await desk.go('themes')
    await desk.button('Start from paper').click()
    await desk.titled('Version 2')
    await desk.go('contacts/import')
    await desk.field('Or paste the rows').fill('Id,E-mail,Plan\nx1,x1@shop.example,pro\n,nobody,pro\n')
    await desk.button('Continue').click()
    const columns = new URL(page.url()).pathname.slice(desk.base.length + 1)
    await desk.button('Check without importing').click()
    await desk.button(/^Import \d+ rows$/).click()
    await desk.titled('Import finished')
    const done = new URL(page.url()).pathname.slice(desk.base.length + 1)
    await desk.go('settings/categories')
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

/** Opens one of the pages, and waits until what it fetches is there. */
export const visitPage = async (desk: Desk, path: string) => {
    if (path.startsWith('/')) await desk.page.goto(desk.belfry.origin + path)
    else await desk.go(path)
    await expect(desk.page.getByRole('heading', { level: 1 })).toBeVisible()
    await desk.quiet()
}
