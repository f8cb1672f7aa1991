// `make bench`, second part: the user-visible performance of a bell on a page, in Chromium,
// compared with the lightest complete peer and a well-known one, all with the same twenty messages
// on the same page over the same network. Speeds are only comparable within one run.
//
// Each page requests the reader's token as the product's documentation says, and each visit uses a
// new browser profile; the order changes with every round. A run fails if an inbox doesn't display
// all messages.
import { Chromium } from './chromium.ts'
import { contenders, Setup, type Name } from './contenders.ts'
import { notes, report, type Samples } from './report.ts'
import { Visit, type Conditions, type Kind } from './visit.ts'

const [bundles = '', rounds = '7'] = process.argv.slice(2)
const conditions: Conditions[] = [
    { name: 'this machine, no distance', slowdown: 1 },
    { name: 'a fourth of the processor, 150 ms there and back, 1.6 Mbit/s', slowdown: 4, pace: { roundTrip: 150, rate: 200 } }
]
const kinds: Kind[] = ['looked', 'opened', 'weighed']

const measure = async (fair: Setup, chromium: Chromium, condition: Conditions) => {
    const samples = new Map<Name, Samples>(contenders.map(({ name }) => [name, { looked: [], opened: [], weighed: [] }]))
    for (let round = 0; round < Number(rounds); round++) {
        process.stderr.write(`== user-visible performance: ${condition.name}, round ${round + 1} of ${rounds}\n`)
        for (const contender of [...contenders.slice(round % contenders.length), ...contenders.slice(0, round % contenders.length)]) {
            // The page without an inbox has nothing to time.
            for (const kind of kinds.filter(kind => contender.live || kind === 'weighed')) samples.get(contender.name)?.[kind].push(await Visit.pay(chromium, fair, contender, condition, kind))
        }
    }
    return report(['Belfry', 'Courier', 'Novu', 'Belfry, callback only'], 3, samples, condition.slowdown === 1)
}

/** Stopped in reverse order, also after a failure. */
const using = async <T extends { stop: () => Promise<void> }>(started: Promise<T>, work: (it: T) => Promise<void>) => {
    const it = await started
    await work(it).finally(() => it.stop())
}

const run = () =>
    // Belfry stores what its readers have seen, so each of its page views is by another reader:
    // five per round, for each of its two pages.
    using(Setup.open(bundles, conditions.length * Number(rounds) * 10), fair =>
        using(Chromium.start(), async chromium => {
            for (const condition of conditions) process.stdout.write(`\n${condition.name}; medians of ${rounds}\n\n${await measure(fair, chromium, condition)}`)
            process.stdout.write(notes)
        })
    )

await run().catch((error: Error) => {
    process.stderr.write(`the measurement failed: ${error.message}\n`)
    process.exit(2)
})
