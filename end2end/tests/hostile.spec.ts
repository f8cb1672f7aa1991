// Hostile messages: they are displayed as text, stay in their place, and cause no requests.
import { expect, test } from '../support/fixtures.ts'

const scripts = ['alert(1)', 'confirm(1)', 'top.postMessage(1,"*")', 'fetch("https://evil.example/x")', 'parent.location="https://evil.example/"']
const shapes = [
    (script: string) => `<script>${script}</script>`,
    (script: string) => `<img src=x onerror='${script}'>`,
    (script: string) => `<svg/onload='${script}'>`,
    (script: string) => `<iframe srcdoc="<script>${script}</script>"></iframe>`,
    (script: string) => `[click](javascript:${script})`,
    (script: string) => `[click](data:text/html,<script>${script}</script>)`,
    (script: string) => `![x](https://evil.example/a.png?${encodeURIComponent(script)})`,
    (script: string) => `<style>@import "https://evil.example/a.css"; *{background:url(https://evil.example/b.png)}</style>`.concat(script),
    (script: string) => `<form action="https://evil.example/"><button formaction='javascript:${script}'>Go</button></form>`,
    (script: string) => `"><body onload='${script}'>`,
    (script: string) => `<a href="jav&#x09;ascript:${script}">x</a>`,
    (script: string) => `<math><mtext></form><form><mglyph><style></math><img src onerror='${script}'>`,
    (script: string) => `<noscript><p title="</noscript><img src=x onerror='${script}'>">`,
    (script: string) => `</li></ul></div><div id=panel style="position:fixed;inset:0" onclick='${script}'>`,
    (script: string) => `<meta http-equiv=refresh content="0;url=https://evil.example/"> ${script}`,
    (script: string) => `<base href="https://evil.example/"><link rel=stylesheet href=//evil.example/c.css> ${script}`,
    (script: string) => `<object data="https://evil.example/"></object><embed src="//evil.example/"> ${script}`,
    (script: string) => `<template><script>${script}</script></template><slot name=x>`,
    (script: string) => `{{firstName|<img src=x onerror='${script}'>}} {{attributes.constructor|[x](javascript:${script})}} \${${script}} <%= ${script} %>`,
    (script: string) => `\u2028\r\nevent: ended\ndata: {}\n\n<script>${script}</script>`
]

test('200 hostile messages: no dialog, no script, no third-party request', async ({ readerPage, site, belfry, backend, context }) => {
    test.setTimeout(60_000)
    const trouble: string[] = []
    readerPage.page.on('dialog', dialog => (trouble.push(`dialog ${dialog.message()}`), dialog.dismiss()))
    context.on('request', request => {
        const { url } = { url: request.url() }
        if (![belfry.origin, backend.origin, backend.pages.origin, 'data:', 'about:', 'blob:'].some(known => url.startsWith(known))) trouble.push(url)
    })
    context.on('page', page => trouble.push(`page ${page.url()}`))
    const texts = shapes.flatMap(shape => scripts.map(shape))
    const publish = async (number: number, inTitle: boolean) => {
        const text = texts[number] ?? ''
        await (inTitle ? site.publish(text.replace(/\s+/g, ' ').trim().slice(0, 150), { body: 'plain' }) : site.publish(`Message ${number}`, { body: text, actions: [{ label: '<b onclick=alert(1)>Go</b>', link: 'https://shop.example/"onclick=alert(1)' }] }))
    }
    // Half of them exist before the reader arrives, the other half arrives live.
    for (let number = 0; number < texts.length; number++) await publish(number, number % 2 === 0)
    await readerPage.arrive()
    const top = readerPage.page.url()
    await readerPage.open()
    for (let number = 0; number < texts.length; number++) await publish(number, number % 2 === 1)
    await expect(readerPage.items).toHaveCount(120)
    for (let count = 140; count <= 200; count += 20) {
        await readerPage.frame.locator('#older').dispatchEvent('click')
        await expect(readerPage.items).toHaveCount(count)
    }
    // Scrolls past each, and checks that every link of theirs is a web link that leaves the frame.
    await readerPage.frame.locator('.scroll').evaluate(async scroll => {
        for (scroll.scrollTop = 0; scroll.scrollTop + scroll.clientHeight < scroll.scrollHeight - 2; scroll.scrollTop += scroll.clientHeight) await new Promise(requestAnimationFrame)
    })
    const found = await readerPage.frame.locator('#list').evaluate(list => ({
        elements: [...new Set([...list.querySelectorAll('.body *')].map(element => element.localName))].sort(),
        attributes: [...new Set([...list.querySelectorAll('.body *')].flatMap(element => element.getAttributeNames()))].sort(),
        handlers: [...list.querySelectorAll('*')].filter(element => element.getAttributeNames().some(name => name.startsWith('on') || name === 'style')).length,
        panels: document.querySelectorAll('[id=panel]').length,
        links: [...list.querySelectorAll('a')].filter(link => !/^https?:$/.test(link.protocol) || link.target !== '_top').length
    }))
    expect(found.elements.filter(name => !['p', 'br', 'hr', 'strong', 'em', 'del', 'code', 'pre', 'a', 'ul', 'ol', 'li', 'blockquote'].includes(name))).toEqual([])
    expect(found.attributes.filter(name => !['href', 'rel', 'target', 'tabindex'].includes(name))).toEqual([])
    expect(found).toMatchObject({ handlers: 0, panels: 1, links: 0 })
    expect(readerPage.page.url()).toBe(top)
    expect(trouble).toEqual([])
})

test('unusual characters in titles and bodies do not displace other messages', async ({ readerPage, site }) => {
    const strange = {
        'turned around': '\u202E\u2066desrever si siht\u202E',
        'piled up': `z${'\u0301'.repeat(60)}a${'\u0489'.repeat(60)}`,
        'never breaking': 'W'.repeat(80),
        'other direction': 'مرحبا بالعالم 123 (abc)'
    }
    await site.publish('Above', { body: 'The same.' })
    const ids: string[] = []
    for (const text of Object.values(strange)) {
        ids.push(await site.publish(text, { body: text }))
        await site.publish('Between', { body: 'The same.' })
    }
    await readerPage.arrive()
    await readerPage.open()
    await expect(readerPage.items).toHaveCount(9)
    await readerPage.item('Above').scrollIntoViewIfNeeded()
    await readerPage.page.screenshot({ path: test.info().outputPath('strange.png') })
    const boxes = () =>
        readerPage.items.evaluateAll(items =>
            items.filter(item => item.textContent?.includes('The same.')).map(item => {
                const inside = ['.title', '.body', '.meta', '.dot', 'time'].map(part => item.querySelector(part)?.getBoundingClientRect())
                const { left, top, width, height } = item.getBoundingClientRect()
                return { width, height, left, inside: inside.map(box => box && { x: box.x - left, y: box.y - top, width: box.width, height: box.height }) }
            })
        )
    const [control, ...others] = await boxes()
    expect(others).toHaveLength(4)
    for (const other of others) expect(other).toEqual(control)
    // None of them is drawn outside its own item, and the list doesn't scroll sideways.
    const outside = await readerPage.frame.locator('.scroll').evaluate(scroll => scroll.scrollWidth - scroll.clientWidth)
    expect(outside).toBe(0)
    for (const id of ids) {
        const item = readerPage.frame.locator(`[data-id="${id}"]`)
        const { spill, high } = await item.evaluate(item => {
            const box = item.getBoundingClientRect()
            const drawn = [...item.querySelectorAll('.title, .body, .meta')].flatMap(part => {
                const range = document.createRange()
                range.selectNodeContents(part.lastChild ?? part)
                return [...range.getClientRects()]
            })
            return { spill: drawn.filter(inner => inner.left < box.left || inner.right > box.right || inner.top < box.top || inner.bottom > box.bottom).length, high: box.height }
        })
        expect(spill).toBe(0)
        expect(high).toBeLessThan(260)
    }
})
