// Themes as a designer writes them, uploaded by the site's backend, and the corpora of drawings and
// style sheets.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from '@playwright/test'
import { expect, type Backend, type ReaderPage } from './fixtures.ts'
import type { Site } from './belfry.ts'
import { tables, type TableCase } from './table.mjs'

export type Text = string | Buffer
export type Files = { bell?: Text; card?: Text; css?: Text }
export type Version = { version: number; state: string; stylesheet: string; warnings: Problem[] }
export type Problem = { file: string; line: number; column: number; code: string; what: string; reason: string }
export type Preview = { url: string; sites: string[]; expiresAt: string }
export type Answer = { status: number; body: Version & { problems?: Problem[] } }

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/**
 * The cases of a family of a corpus: from its tables, or from its folder with one file per case.
 */
export const corpus = (family: string): TableCase[] => {
    const path = root(`src/theme/corpus/${family}`)
    if (!existsSync(path)) return tables(dirname(path), basename(path))
    const names = readdirSync(path).sort()
    return names.map(name => ({ name, bytes: readFileSync(join(path, name)) }))
}

export const builtin = ['quiet', 'paper', 'midnight', 'terminal', 'contrast', 'festive'] as const

/** The built-in themes' files. */
export const files = (name: (typeof builtin)[number]): Files => {
    const read = (file: string) => (existsSync(root(`public/themes/${name}/${file}`)) ? readFileSync(root(`public/themes/${name}/${file}`)) : undefined)
    const [bell, card, css] = ['bell.svg', 'card.svg', 'theme.css'].map(read)
    return { ...(bell && { bell }), ...(card && { card }), ...(css && { css }) }
}

/** Uploads a draft, valid or not. */
export const upload = async (site: Site, files: Files): Promise<Answer> => {
    const form = new FormData()
    for (const [name, file] of Object.entries(files)) form.append(name, new Blob([Buffer.from(file)]), name)
    const answer = await fetch(`${site.belfry.origin}/v1/themes/draft`, { method: 'PUT', headers: { authorization: `Bearer ${site.key}` }, body: form })
    return { status: answer.status, body: (await answer.json()) as Answer['body'] }
}

/** Uploads a draft that must be valid. */
export const draft = async (site: Site, files: Files): Promise<Version> => {
    const { status, body } = await upload(site, files)
    expect(body.problems ?? [], JSON.stringify(body)).toEqual([])
    expect(status).toBe(200)
    return body
}

/** Uploads a theme and publishes it. */
export const publish = async (site: Site, files: Files): Promise<Version> => {
    await draft(site, files)
    return site.call('POST', '/themes/publish')
}

export const rollBack = (site: Site, version: number) => site.call('POST', `/themes/${version}/rollback`)
export const preview = (site: Site, version: number) => site.call<Preview>('POST', `/themes/${version}/preview`)

const folder = async <T>(files: Files, work: (folder: string) => Promise<T>): Promise<T> => {
    const place = mkdtempSync(join(tmpdir(), 'belfry-theme-'))
    const names = { bell: 'bell.svg', card: 'card.svg', css: 'theme.css' }
    for (const [kind, name] of Object.entries(names)) {
        const file = files[kind as keyof Files]
        if (file !== undefined) writeFileSync(join(place, name), file)
    }
    try {
        return await work(place)
    } finally {
        rmSync(place, { recursive: true, force: true })
    }
}

/** Publishes a theme by the command line, which has no rate limit. */
export const publishByCommand = (site: Site, files: Files): Promise<Version> => folder(files, place => site.belfry.command<Version>('theme', 'push', site.id, place, '--publish'))

/** The cleaned drawing, as the command line prints it; `undefined` if it is rejected. */
export const check = (kind: 'bell' | 'card', drawing: Text): Promise<string | undefined> =>
    folder({ [kind]: drawing }, place =>
        new Promise((resolve, reject) =>
            execFile(process.env.BELFRY_BIN ?? '', ['theme', 'check', `--${kind}`, join(place, `${kind}.svg`)], (error, out) =>
                error ? (error.code === 1 ? resolve(undefined) : reject(error)) : resolve(out)
            )
        )
    )

/** The URLs of a document's theme sheets, joined; empty for the standard appearance. */
export const sheets = (readerPage: ReaderPage): Promise<string[]> =>
    readerPage.frame.locator('html').evaluate(() => [...document.querySelectorAll('link[href^="/t/"]')].map(link => link.getAttribute('href') ?? ''))

/** Waits until a document uses exactly this sheet, with nothing left of the previous one. */
export const expectSheet = async (readerPage: ReaderPage, sheet: string) => {
    await expect.poll(() => sheets(readerPage), { timeout: 10_000, intervals: [25, 50, 100, 250] }).toEqual(sheet ? [sheet] : [])
    await expect(readerPage.frame.locator('link[href^="/t/"][media="not all"]')).toHaveCount(0)
}

/** A computed style of an element's pseudo-element. */
export const pseudoStyle = (place: Locator, property: string): Promise<string> =>
    place.evaluate((element, property) => getComputedStyle(element, '::before').getPropertyValue(property), property)

export const customProperty = (place: Locator, property: string): Promise<string> =>
    place.evaluate((element, property) => getComputedStyle(element).getPropertyValue(property), property)

/** Waits until all animations have ended. */
export const animationsEnd = (readerPage: ReaderPage) =>
    readerPage.frame.locator('html').evaluate(async () => {
        const passing = document.getAnimations().filter(animation => Number.isFinite(animation.effect?.getComputedTiming().endTime))
        await Promise.allSettled(passing.map(animation => animation.finished))
        await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    })

/** The colours at these points of a screenshot. */
export const colours = async (page: Page, place: Locator, points: [number, number][]): Promise<string[]> => {
    const picture = await place.screenshot({ animations: 'disabled' })
    return page.evaluate(
        async ({ source, points }) => {
            // Decoded without a request, which the page's policy may forbid.
            const bytes = Uint8Array.from(atob(source), letter => letter.charCodeAt(0))
            const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
            const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
            context?.drawImage(bitmap, 0, 0)
            return points.map(([x, y]) => [...(context?.getImageData(x * devicePixelRatio, y * devicePixelRatio, 1, 1).data ?? [])].slice(0, 3).join(','))
        },
        { source: picture.toString('base64'), points }
    )
}

/** An image for messages, from the site itself. */
export const picture = (backend: Backend, colour = '#0a0') =>
    backend.pages.add(`<svg xmlns="http://www.w3.org/2000/svg" width="56" height="56"><rect width="56" height="56" fill="${colour}"/></svg>`, {
        'content-type': 'image/svg+xml',
        'cross-origin-resource-policy': 'cross-origin'
    })
