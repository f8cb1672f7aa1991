// The two hand-written scripts as the server sends them: without comment lines and indentation, the configuration filled in.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type Config = { site: string; origin: string; selector: string; position: string; language: string }

const read = (name: string) =>
    readFileSync(fileURLToPath(new URL(`../../src/widget/script/${name}.js`, import.meta.url)), 'utf8')
        .split('\n')
        .map(line => line.trim())
        .filter(line => line && !line.startsWith('//'))
        .join('\n')

export const loader = (config: Config) => read('loader').replace('/*CONFIG*/{}', () => JSON.stringify(config))
export const frame = () => read('frame')
