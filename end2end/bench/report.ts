// The report: the median of each figure, ours beside the peers', and whether ours is better.
import type { Figures, Kind } from './visit.ts'

export type Samples = Record<Kind, Figures[]>
type Unit = 'ms' | 'bytes' | 'count' | 'score'
type Row = { what: string; kind: Kind; figure: string; unit: Unit; budget?: number; added?: boolean }

const rows: Row[] = [
    { what: 'script tag to bell drawn', kind: 'looked', figure: 'drawn', unit: 'ms' },
    { what: 'script tag to bell with its unread mark', kind: 'looked', figure: 'bell', unit: 'ms' },
    { what: 'script tag to first message, opened at once', kind: 'opened', figure: 'message', unit: 'ms' },
    { what: 'next page: script tag to bell drawn', kind: 'looked', figure: 'again drawn', unit: 'ms' },
    { what: 'next page: to bell with its unread mark', kind: 'looked', figure: 'again bell', unit: 'ms' },
    { what: 'next page: script tag to first message', kind: 'opened', figure: 'again message', unit: 'ms' },
    { what: 'press to messages painted, page at rest', kind: 'weighed', figure: 'opening', unit: 'ms' },
    { what: 'host page: script time', kind: 'weighed', figure: 'host script', unit: 'ms', budget: 10, added: true },
    { what: 'host page: main thread busy', kind: 'weighed', figure: 'host tasks', unit: 'ms', added: true },
    { what: 'host page: style and layout', kind: 'weighed', figure: 'host layout', unit: 'ms', added: true },
    { what: 'own frame: script time', kind: 'weighed', figure: 'frame script', unit: 'ms' },
    { what: 'own frame: main thread busy', kind: 'weighed', figure: 'frame tasks', unit: 'ms' },
    { what: 'own frame: style and layout', kind: 'weighed', figure: 'frame layout', unit: 'ms' },
    { what: 'host page: layout shift', kind: 'weighed', figure: 'shift', unit: 'score', added: true },
    { what: 'host page: JS heap', kind: 'weighed', figure: 'host heap', unit: 'bytes', added: true },
    { what: 'own frame: JS heap', kind: 'weighed', figure: 'frame heap', unit: 'bytes' },
    { what: 'own frame: WebAssembly memory', kind: 'weighed', figure: 'frame wasm', unit: 'bytes' },
    { what: 'bytes: script on the page', kind: 'looked', figure: 'script bytes', unit: 'bytes' },
    { what: 'bytes until the bell with its mark', kind: 'looked', figure: 'bell bytes', unit: 'bytes' },
    { what: 'bytes until the first message', kind: 'opened', figure: 'message bytes', unit: 'bytes' },
    { what: 'bytes in all, at rest', kind: 'opened', figure: 'all bytes', unit: 'bytes' },
    { what: 'next page: bytes in all', kind: 'opened', figure: 'again all bytes', unit: 'bytes' },
    { what: 'requests until the bell with its mark', kind: 'looked', figure: 'bell requests', unit: 'count' },
    { what: 'requests until the first message', kind: 'opened', figure: 'message requests', unit: 'count' },
    { what: 'requests in all, at rest', kind: 'opened', figure: 'all requests', unit: 'count' },
    { what: 'next page: requests in all', kind: 'opened', figure: 'again all requests', unit: 'count' }
]

const median = (values: number[]) => {
    const sorted = values.toSorted((one, other) => one - other)
    return ((sorted[(sorted.length - 1) >> 1] ?? NaN) + (sorted[sorted.length >> 1] ?? NaN)) / 2
}

const show = (value: number | undefined, unit: Unit) => {
    if (value === undefined) return '–'
    if (unit === 'ms') return `${value.toFixed(value < 20 ? 1 : 0)} ms`
    if (unit === 'bytes') return value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`
    return value.toFixed(unit === 'score' ? 4 : 0)
}

/** Figures closer than this count as equal, because another run could reverse them. */
const MARGIN = 0.05

/** Whether ours is better; if not, which peer is. */
const stand = (ours: number | undefined, others: { name: string; value: number | undefined }[], unit: Unit) => {
    const known = others.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]))
    if (ours === undefined) return ''
    if (!known.length) return 'ours alone'
    const less = (one: number, other: number) => other - one > MARGIN * other && show(one, unit) !== show(other, unit)
    const behind = known.filter(({ value }) => less(value, ours)).map(({ name }) => name)
    if (behind.length) return `BEHIND ${behind.join(', ')}`
    return known.every(({ value }) => less(ours, value)) ? 'leads' : 'level'
}

/**
 * The first name is ours, the next ones are the peers; later ones are displayed and not compared.
 * `nothing` is the page without an inbox, from which added costs are counted. Budgets apply to an
 * unthrottled machine.
 */
export const report = (names: string[], peers: number, samples: Map<string, Samples>, budgeted: boolean): string => {
    const figure = ({ kind, figure, added }: Row, name: string) => {
        const of = (name: string) => samples.get(name)?.[kind].map(figures => figures[figure]).filter(value => value !== undefined) ?? []
        const values = of(name)
        if (values.length) return median(values) - (added ? median(of('nothing')) : 0)
    }
    const lines = rows.map(row => {
        const [ours, ...others] = names.map(name => figure(row, name))
        const shown = [ours, ...others].map(value => show(value, row.unit))
        const standing = stand(ours, names.slice(1, peers).map((name, index) => ({ name, value: others[index] })), row.unit)
        if (!budgeted || row.budget === undefined || ours === undefined) return [row.what, ...shown, '', standing]
        return [row.what, ...shown, `≤ ${show(row.budget, row.unit)}`, `${standing}, ${ours <= row.budget ? 'within' : 'over'}`]
    })
    const head = ['what', ...names, 'budget', 'ours']
    const widths = head.map((_, column) => Math.max(...[head, ...lines].map(line => [...(line[column] ?? '')].length)))
    const print = (line: string[], fill: string) => line.map((cell, column) => `| ${cell}${fill.repeat((widths[column] ?? 0) - [...cell].length)} `).join('') + '|\n'
    return print(head, ' ') + print(head.map(() => ''), '-') + lines.map(line => print(line, ' ')).join('')
}

export const notes = `
A bell is drawn when it is to be seen in its place, and marked when it says that something is unread: Belfry's by a number, the others'
own by a dot. Opened at once is pressed as soon as it is drawn. Belfry's page writes the reader's token into itself, as Novu's does the
reader's hash; Courier's asks for it, as its README says, and so does Belfry's in the last column. Its frame is another process.
Bytes are as they go over the line, heads included; requests count the permissions that a browser asks another origin for.
What the page alone costs is taken off where "host page" stands. Level is what differs by no more than 5 per cent.
Script, busy, style and layout are the processor's time, whatever else the machine does; the other times are what a watch shows.
`
