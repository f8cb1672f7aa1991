// `make bench`, its second half: what a person feels of a bell on a page, in Chromium, beside the lightest complete peer and a
// well-known one, all with the same twenty messages on the same page over the same line. Speed is a ratio within one run.
//
// Each page asks its backend for the reader's token as the product's own documents say, and each visit is a browser that has
// never been anywhere; the order changes with every round. A run that can't show all messages of each inbox fails.
import { Chromium } from './chromium.ts'
import { contenders, Fair, type Name } from './contenders.ts'
import { table, type Samples } from './table.ts'
import { Visit, type Conditions, type Kind } from './visit.ts'

const [bundles = '', rounds = '7'] = process.argv.slice(2)
const conditions: Conditions[] = [
    { name: 'this machine, no distance', slowdown: 1 },
    { name: 'a fourth of the processor, 150 ms there and back, 1.6 Mbit/s', slowdown: 4, pace: { roundTrip: 150, rate: 200 } }
]
const kinds: Kind[] = ['timed', 'again', 'weighed']

process.on('uncaughtException', error => {
    process.stderr.write(`the measurement failed: ${error.message}\n`)
    process.exitCode = 2
})

const fair = await Fair.open(bundles, conditions.length * Number(rounds) * 4)
const chromium = await Chromium.start()
try {
    for (const condition of conditions) {
        const samples = new Map<Name, Samples>(contenders.map(({ name }) => [name, { timed: [], again: [], weighed: [] }]))
        for (let round = 0; round < Number(rounds); round++) {
            process.stderr.write(`== what a person feels: ${condition.name}, round ${round + 1} of ${rounds}\n`)
            const order = contenders.map((_, index) => contenders[(index + round) % contenders.length]).filter(contender => contender !== undefined)
            for (const contender of order) {
                // The page alone has nothing to be timed.
                for (const kind of kinds.filter(kind => contender.live || kind === 'weighed')) samples.get(contender.name)?.[kind].push(await Visit.pay(chromium, fair, contender, condition, kind))
            }
        }
        process.stdout.write(`\n${condition.name}; medians of ${rounds}\n\n${table(['Belfry', 'Courier', 'Novu'], samples, condition.slowdown === 1)}`)
    }
    process.stdout.write("\nBelfry's bell says how many are unread; the others' own bells show a dot. Bytes are as they go over the line, heads included.\n")
} finally {
    await chromium.stop()
    await fair.stop()
}
