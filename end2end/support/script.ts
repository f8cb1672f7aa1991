// The hand-written scripts, minified by the build and fetched from a server, so that the tested
// scripts are those that are served.
import { Belfry } from './belfry.ts'

export type Config = { site: string; origin: string; selector: string; position: string; language: string; bell?: boolean; page?: string }
export type Scripts = { loader: (config: Config) => string; frame: string; page: string }

export const scripts = async (): Promise<Scripts> => {
    const belfry = await Belfry.start()
    const site = await belfry.site(['https://shop.example'])
    const read = async (path: string) => (await fetch(belfry.origin + path)).text()
    const script = await read(`/scripts/${site.id}.js`)
    const [before = '', after = ''] = script.split(/\{"[^}]*"site":"[^}]*\}/)
    const page = await read(new URL(/"page":"([^"]*)"/.exec(script)?.[1] ?? '', belfry.origin).pathname)
    const frame = /<script nonce="[^"]*">(.*?)<\/script>/s.exec(await read(`/embed/${site.id}`))?.[1]
    await belfry.end()
    if (!after || !frame) throw new Error('the scripts are not where they were')
    return { loader: config => before + JSON.stringify(config) + after, frame, page }
}
