// Pages that modify built-in objects: the bell works or is absent, and in either case nothing is
// thrown into the page.
import { expect, init, test, type ShopPage } from '../support/stub-fixtures.ts'

// The page's own script saves the originals before the page modifies anything. A test's own script
// would be affected as well, so everything is driven by buttons, which the panel doesn't cover, and
// read from attributes.
const kept = `{
    const { dataset } = document.documentElement
    dataset.errors = dataset.thrown = ''
    for (const type of ['error', 'unhandledrejection']) addEventListener(type, event => { dataset.errors += (event.message || event.reason) + ';' })
    window.attempt = values => {
        for (let index = 0; index < values.length; index++) {
            try {
                eS(...values[index])
            } catch (error) {
                dataset.thrown += error + ';'
            }
        }
    }
    const odd = { toString() { throw 'text' } }
    window.words = [['open'], ['close'], ['open', 'another'], ['logout'], ['init', null], ['init', 1], ['init', odd], [odd], [Object.create(null)], [Symbol('open')], [null], [], [[]], [['open']], ['open', odd]]
}`
const body = `<header id=target></header><main style="position: fixed; right: 0; top: 300px"><button id=open onclick="eS('open')">Open</button><button id=close onclick="eS('close')">Close</button><button id=out onclick="eS('logout')">Out</button><button id=all onclick="attempt(words); this.textContent = 'Done'">All</button></main>`

const press = (shop: ShopPage, id: string) => shop.page.locator(`#${id}`).click()

/** Asserts that none of our code threw into the page. */
const calm = async (shop: ShopPage) => {
    await expect(shop.page.locator('html')).toHaveAttribute('data-errors', '')
    await expect(shop.page.locator('html')).toHaveAttribute('data-thrown', '')
}

/** Reads the messages, closes, signs out: all without an error that the page could see. */
const works = async (shop: ShopPage) => {
    await expect(shop.bell).toHaveAccessibleName('Notifications, 3 unread')
    await expect(shop.iframe).toBeVisible()
    await press(shop, 'open')
    await expect(shop.panel).toBeVisible()
    await shop.page.keyboard.press('Escape')
    await expect(shop.panel).toBeHidden()
    await shop.bell.click()
    await expect(shop.panel).toBeVisible()
    await shop.page.keyboard.press('Escape')
    await expect(shop.panel).toBeHidden()
    await press(shop, 'out')
    await expect(shop.wrapper).toHaveCount(0)
    await calm(shop)
    expect(shop.warnings).toEqual([])
}

const members = (names: string[], value: string) => names.map(name => `Object.prototype.${name} = ${value};`).join(' ')

const altered = {
    'functions and texts on every object': `Object.prototype.clone = function () { throw 'called' }; Object.prototype.version = '1.6'; Array.prototype.last = function () {}`,
    'the names of our own options': members(['token', 'site', 'element', 'language', 'APP_INBOX'], `'page'`),
    'the names of our own messages': members(['belfry', 'blank', 'title', 'target', 'focus', 'place'], `'page'`),
    'options of the browser': members(['attributes', 'bubbles', 'capture', 'inline', 'passive', 'detail', 'transfer', 'attributeOldValue', 'characterDataOldValue'], 'false'),
    'options of the browser, set': members(['bubbles', 'inline', 'focusVisible', 'targetOrigin', 'container'], `'page'`),
    'names of commands': members(['probe', 'open_', 'trim', 'call'], `function () { throw 'called' }`),
    'getters and setters': `for (const name of ['token', 'scheme', 'left', 'open', 'box']) Object.defineProperty(Object.prototype, name, { get: () => 'page', set: () => { throw 'set' }, enumerable: true, configurable: true })`,
    'what can’t be written': `for (const name of ['open', 'box', 'css', 'site']) Object.defineProperty(Object.prototype, name, { value: 'page', enumerable: true })`,
    'frozen prototypes': `for (const kind of [Object, Array, Function, String, Promise, Event, CustomEvent, Element, Node, HTMLElement]) { Object.freeze(kind); Object.freeze(kind.prototype) }`,
    'array methods that do something else': `for (const name of Object.getOwnPropertyNames(Array.prototype)) if (typeof Array.prototype[name] == 'function' && name != 'constructor' && name != 'push') Array.prototype[name] = function () { throw 'Array.' + name }`,
    'no promises': `window.Promise = undefined; window.token = () => 'bft_alice'`,
    'promises of its own': `{ const Native = Promise; window.Promise = function (work) { return new Native(work) }; Promise.resolve = value => ({ then: done => void setTimeout(done, 0, value) }); Native.prototype.then = function () { throw 'then' } }`,
    'no fetch and no JSON': `window.fetch = () => { throw 'fetch' }; JSON.parse = JSON.stringify = () => { throw 'JSON' }; window.JSON = undefined`,
    'wrapped timers and listeners': `for (const name of ['setTimeout', 'requestAnimationFrame']) { const native = window[name]; window[name] = (work, ...more) => native(function () { if (typeof work != 'function') throw 'no function'; return work.apply(this, arguments) }, ...more) }
        { const { addEventListener } = EventTarget.prototype; const wrapped = new WeakMap(); EventTarget.prototype.addEventListener = function (type, work, options) {
            const outer = wrapped.get(work) || function () { return (work.handleEvent || work).apply(this, arguments) }; wrapped.set(work, outer); return addEventListener.call(this, type, outer, options) } }`,
    'another way to take elements away': `Element.prototype.remove = function () { throw 'remove' }; Element.prototype.append = function () { throw 'append' }; HTMLElement.prototype.hide = function () {}`,
    'its own observer of changes': `{ const Native = MutationObserver; window.MutationObserver = class extends Native { constructor(work) { super((...values) => work(...values)) } } }`,
    'no animation frames': `window.requestAnimationFrame = work => setTimeout(work, 16)`,
    'globals of our names': `var name = 'page', status = 'page', page = 'page', site = 'page', config = 'page', close = function () { throw 'close' }, post = 1, frame = 2, warn = 3, guard = 4, url = 5`,
    'what is like a module': `window.define = function () { throw 'define' }; define.amd = {}; window.module = { exports: {} }; window.exports = module.exports; window.require = function () { throw 'require' }`
}

for (const [name, script] of Object.entries(altered)) {
    test(`works with ${name}`, async ({ shop }) => {
        await shop.open(body, { head: `<script>${kept}</script><script>${script}</script>` })
        await works(shop)
        // Only our own fields were posted.
        expect(shop.site.fields).toEqual([['token', 'language', 'scheme', 'preview']])
        expect(shop.site.posts[0]).toMatchObject({ token: 'alice', language: 'en' })
    })
}

const quiet = {
    'a console that is gone': `window.console = undefined`,
    'a console that throws': `console.warn = () => { throw 'warn' }; window.token = () => 'nonsense'`,
    'timers that throw': `window.setTimeout = () => { throw 'setTimeout' }`,
    'timers that throw, and no token': `window.setTimeout = () => { throw 'setTimeout' }; window.token = () => { throw 'token' }`,
    'timers that do nothing': `window.setTimeout = () => 0`,
    'listeners that throw': `window.addEventListener = () => { throw 'addEventListener' }`,
    'no observers': `window.MutationObserver = undefined`,
    'animation frames that throw': `window.requestAnimationFrame = () => { throw 'frame' }`,
    'events that throw': `window.CustomEvent = function () { throw 'event' }`,
    'elements that can’t be made': `Document.prototype.createElement = () => { throw 'createElement' }`,
    'elements that can’t be put in': `Element.prototype.insertAdjacentElement = () => { throw 'insert' }`,
    'elements that can’t be taken away': `Node.prototype.removeChild = () => { throw 'removeChild' }`,
    'styles that can’t be read': `window.getComputedStyle = () => { throw 'style' }`,
    'places that can’t be measured': `Element.prototype.getBoundingClientRect = () => { throw 'rect' }; Document.prototype.elementsFromPoint = () => { throw 'point' }`,
    'a popover that throws': `HTMLElement.prototype.showPopover = () => { throw 'popover' }`,
    'objects that all have everything': `for (const name of ['call', 'length', 'nodeType', 'open', 'detail', 'data', 'source', 'origin']) Object.defineProperty(Object.prototype, name, { get() { throw name }, configurable: true })`
}

for (const [name, script] of Object.entries(quiet)) {
    test(`throws nothing into a page with ${name}`, async ({ shop }) => {
        // The snippet belongs to the page; that it fails on modified built-ins is not the loader's
        // fault.
        const queue = 'window.eS = function () { eS.c(arguments) }; eS.q = []; eS.c = function () { eS.q.push(arguments) };'
        const tag = `const tag = document.createElement('script'); tag.src = '${shop.site.belfry.origin}/scripts/${shop.site.id}.js'; tag.onload = () => { document.documentElement.dataset.loaded = '' }; document.head.append(tag);`
        await shop.open(body, { head: `<script>${kept}</script>`, snippet: `${queue} { ${tag} }`, init: `${init}; ${script}` })
        await expect(shop.page.locator('html')).toHaveAttribute('data-loaded', '')
        await press(shop, 'open')
        await press(shop, 'all')
        await expect(shop.page.locator('#all')).toHaveText('Done')
        await shop.page.mouse.wheel(0, 50)
        await press(shop, 'out')
        await calm(shop)
        await expect(shop.panel).toBeHidden()
    })
}

test('a page that always removes the bell is left alone after five attempts, and retried in ten minutes', async ({ shop }) => {
    await shop.page.clock.install()
    await shop.open(undefined, {
        head: `<script>window.removals = 0; new MutationObserver(() => { for (const bell of document.querySelectorAll('belfry-bell')) if (!window.welcome) { bell.remove(); removals++ } }).observe(document, {childList: true, subtree: true})</script>`
    })
    const removals = () => shop.page.evaluate(() => (window as unknown as { removals: number }).removals)
    const minutes = async (count: number) => {
        for (let second = 0; second < count * 60; second += 2) {
            await shop.page.clock.runFor(2_000)
            await shop.settle()
        }
    }
    await minutes(1)
    expect(await removals()).toBe(5)
    expect(shop.warnings).toEqual([expect.stringContaining('takes the bell away')])
    // Changes of the page meanwhile have no effect.
    await shop.page.evaluate(() => document.body.append('more'))
    await shop.page.mouse.wheel(0, 50)
    await minutes(1)
    expect(await removals()).toBe(5)
    await shop.page.clock.fastForward(600_000)
    await shop.settle()
    await expect.poll(removals).toBe(6)
    await shop.page.evaluate(() => Object.assign(window, { welcome: true }))
    await shop.page.clock.fastForward(600_000)
    await expect(shop.bell).toBeVisible()
    expect(shop.warnings).toHaveLength(1)
    expect((await shop.notes()).errors).toEqual([])
})

test('a page that rebuilds the place repeatedly keeps its bell', async ({ shop }) => {
    await shop.page.clock.install()
    await shop.open('<main></main><div id=target></div>')
    await expect(shop.bell).toBeVisible()
    for (let turn = 0; turn < 8; turn++) {
        await shop.page.evaluate(() => document.querySelector('#target')?.replaceWith(Object.assign(document.createElement('div'), { id: 'target' })))
        await shop.settle()
        await shop.page.clock.runFor(1_100)
        await expect(shop.iframe).toBeVisible()
    }
    expect(shop.warnings).toEqual([])
})

test('the callback is called as a method of the page’s own options', async ({ shop }) => {
    await shop.open(undefined, { init: `class Options { language = 'en'; name = 'alice'; getAuthTokenCallback() { return 'bft_' + this.name } } eS('init', new Options())` })
    await expect(shop.bell).toBeVisible()
    expect(shop.warnings).toEqual([])
})

test('inherited members of the options are ignored', async ({ shop }) => {
    await shop.open(undefined, { head: `<script>Object.prototype.getAuthTokenCallback = () => 'bft_alice'</script>`, init: `eS('init', {language: 'en'})` })
    await shop.page.waitForFunction(() => (window as unknown as { eS: { belfry?: object } }).eS.belfry)
    await shop.settle()
    await expect(shop.wrapper).toHaveCount(0)
    expect((await shop.notes()).errors).toEqual([])
})
