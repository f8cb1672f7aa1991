// One page view with a new browser profile: when things are displayed, how much is transferred, and
// what it costs. A timed visit is observed from its start, in its first page view and in a second
// one: either without interaction, or with the bell pressed as soon as it is drawn. A measured
// visit is left alone until the page is idle.
import type { Chromium, Session } from './chromium.ts'
import { path as pathOf, type Contender, type Setup } from './contenders.ts'
import { now, type NetworkSpeed, type Request } from './network.ts'
import { messages } from './messages.ts'
import { probe, type Sight } from './probe.ts'

export type Conditions = { name: string; slowdown: number; pace?: NetworkSpeed }
export type Kind = 'looked' | 'opened' | 'weighed'
export type Figures = Record<string, number>

const PATIENCE = 60_000
/** The network is idle if nothing was transferred for this time. */
const STILL = 500

// A throttled process may never report that it is idle.
const idle = 'new Promise(resolve => requestIdleCallback(() => resolve(0), { timeout: 1000 }))'
const shift = `new Promise(resolve => {
    let sum = 0
    const observer = new PerformanceObserver(list => list.getEntries().forEach(entry => (sum += entry.hadRecentInput ? 0 : entry.value)))
    observer.observe({ type: 'layout-shift', buffered: true })
    setTimeout(() => resolve(sum))
})`

const until = async <T>(what: string, find: () => T | undefined | false): Promise<T> => {
    for (const end = now() + PATIENCE; now() < end; ) {
        const found = find()
        if (found !== undefined && found !== false) return found
        await new Promise(resolve => setTimeout(resolve, 5))
    }
    throw new Error(`${what} was waited for in vain`)
}

export class Visit {
    private readonly sights = new Map<string, Sight>()
    private frames: Session[] = []
    private watched = false

    private constructor(
        private readonly chromium: Chromium,
        private readonly fair: Setup,
        private readonly contender: Contender,
        private readonly conditions: Conditions,
        private readonly host: Session
    ) {}

    static async pay(chromium: Chromium, fair: Setup, contender: Contender, conditions: Conditions, kind: Kind): Promise<Figures> {
        const { browserContextId } = await chromium.send('Target.createBrowserContext')
        try {
            const { targetId } = await chromium.send('Target.createTarget', { url: 'about:blank', browserContextId })
            const { sessionId } = await chromium.send('Target.attachToTarget', { targetId, flatten: true })
            const visit: Visit = new Visit(chromium, fair, contender, conditions, chromium.session(sessionId as string))
            await visit.prepare(visit.host)
            if (kind === 'weighed') return await visit.weigh()
            const first = await visit.time(kind)
            const again = await visit.time(kind)
            return { ...first, ...Object.fromEntries(Object.entries(again).map(([name, value]) => [`again ${name}`, value])) }
        } catch (error) {
            throw new Error(`${contender.name}, ${kind}, ${conditions.name}: ${String(error)}`)
        } finally {
            await chromium.send('Target.disposeBrowserContext', { browserContextId })
        }
    }

    private async prepare(session: Session) {
        session.on('Runtime.bindingCalled', ({ payload }) => {
            const sight = JSON.parse(payload as string) as Sight
            const name = `${session === this.host ? 'host' : 'frame'} ${sight.name}`
            if (!this.sights.has(name)) this.sights.set(name, sight)
        })
        session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
            const inner = this.chromium.session(sessionId as string)
            if ((targetInfo as { type: string }).type === 'iframe') this.frames.push(inner)
            // An out-of-process frame waits for our commands while the clock runs, so all of them
            // are sent at once, in this order. A worker supports only some of them.
            const said = [this.prepare(inner), this.watched && this.watch(inner, true), inner.send('Runtime.runIfWaitingForDebugger')]
            void Promise.allSettled(said)
        })
        await Promise.all([
            session.send('Runtime.enable'),
            session.send('Runtime.addBinding', { name: 'belfrySight' }),
            session.send('Performance.enable', { timeDomain: 'threadTicks' }),
            session.send('Page.enable'),
            session.send('Emulation.setCPUThrottlingRate', { rate: this.conditions.slowdown }),
            session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true })
        ])
    }

    private watch(session: Session, coming: boolean) {
        const inside = session !== this.host
        const source = probe((inside ? this.contender.frame : this.contender.host) ?? {}, inside)
        return coming ? session.send('Page.addScriptToEvaluateOnNewDocument', { source }) : session.evaluate(source)
    }

    private async go() {
        this.fair.line.reset(this.conditions.pace)
        this.frames = []
        this.sights.clear()
        const { errorText } = await this.host.send('Page.navigate', { url: this.fair.address(this.contender) })
        if (errorText) throw new Error(String(errorText))
    }

    private get frame() {
        return this.contender.frame && this.frames.at(-1)
    }

    private get all() {
        return this.frame ? [this.host, this.frame] : [this.host]
    }

    /** Until the live connection was requested, and there is no more activity. */
    private async rest() {
        const { line } = this.fair
        const { live } = this.contender
        await until('the live connection', () => !live || line.requests.some(({ path }) => live.test(path)))
        for (let quiet = false; !quiet; ) {
            await until('a still line', () => line.still > STILL)
            const before = now()
            for (const session of this.all) await session.evaluate(idle)
            quiet = line.still > now() - before
        }
    }

    private async seen(name: string) {
        const names = [this.contender.host[name] && `host ${name}`, this.contender.frame?.[name] && `frame ${name}`].filter(name => name !== undefined)
        const seen = await until(`the ${name}`, () => {
            const sights = names.map(name => this.sights.get(name)).filter(sight => sight !== undefined)
            return sights.length === names.length && sights
        })
        return Math.max(...seen.map(({ at }) => at))
    }

    /** The bell, with or without its badge. */
    private drawn() {
        return until('the bell', () => [this.sights.get('host drawn'), this.mark].filter(sight => sight !== undefined).toSorted((one, other) => one.at - other.at)[0])
    }

    /** The bell with its badge, which a page may draw before its frame does. */
    private get mark(): Sight | undefined {
        const { sights } = this
        const [host, inner] = [sights.get('host bell'), sights.get(this.contender.frame ? 'frame bell' : 'host bell')]
        const seen = [sights.get('host early'), host && inner && { ...host, at: Math.max(host.at, inner.at), text: inner.text }]
        return seen.filter(sight => sight !== undefined).toSorted((one, other) => one.at - other.at)[0]
    }

    private async marked() {
        const { at, text } = await until('the mark', () => this.mark)
        if (text !== this.contender.count) throw new Error(`the bell says "${text}", not "${this.contender.count}"`)
        return at
    }

    /**
     * Presses the bell with the mouse; returns when it was pressed and when the messages were
     * displayed.
     */
    private async open() {
        const { x, y } = await this.drawn()
        const mouse = { x, y, button: 'left', clickCount: 1 }
        await this.host.send('Input.dispatchMouseEvent', { ...mouse, type: 'mouseMoved', button: 'none' })
        // Both events are sent before either is processed: a busy page is pressed all the same.
        await Promise.all(['mousePressed', 'mouseReleased'].map(type => this.host.send('Input.dispatchMouseEvent', { ...mouse, type })))
        const pressed = await until('the press', () => this.sights.get('frame press') ?? this.sights.get('host press'))
        const message = Math.max(await this.seen('message'), this.contender.host.panel ? await this.seen('panel') : 0)
        return { pressed: pressed.at, message }
    }

    /**
     * Fails if an inbox displays fewer messages than it should: its figures would be meaningless.
     */
    private async check(marked: boolean) {
        const { count } = this.contender
        const said = this.sights.get(this.frame ? 'frame bell' : 'host bell')?.text
        // A bell that is opened at once may never display its badge.
        if (marked && said !== count) throw new Error(`the bell says "${said}", not "${count}"`)
        const text = await (this.frame ?? this.host).evaluate<string>(this.contender.shown)
        const missing = messages.filter(({ title }) => !text.includes(title))
        if (missing.length) throw new Error(`${missing.length} of ${messages.length} messages are not in the panel`)
    }

    private async time(kind: 'looked' | 'opened'): Promise<Figures> {
        if (!this.watched) await this.watch(this.host, true)
        this.watched = true
        await this.go()
        const drawn = (await this.drawn()).at
        const bell = kind === 'looked' ? await this.marked() : NaN
        const message = kind === 'opened' ? (await this.open()).message : NaN
        await this.rest()
        if (kind === 'opened') await this.check(false)
        const tagged = await this.host.evaluate<number>('tagged')
        const { line } = this.fair
        const { script } = this.contender
        // The page itself is the same for all.
        const page = pathOf(this.contender.name)
        const ours = ({ path }: Request) => path !== page && !path.startsWith(`${page}?`)
        const requests = (until: number) => line.requests.filter(request => request.at <= until && ours(request)).length
        if (kind === 'looked') {
            return {
                drawn: drawn - tagged,
                bell: bell - tagged,
                'script bytes': line.bytes(({ path }) => !!script?.test(path)),
                'drawn bytes': line.bytes(ours, drawn),
                'bell bytes': line.bytes(ours, bell),
                'bell requests': requests(bell)
            }
        }
        return {
            message: message - tagged,
            'message bytes': line.bytes(ours, message),
            'all bytes': line.bytes(ours),
            'message requests': requests(message),
            'all requests': requests(Infinity)
        }
    }

    private async weigh(): Promise<Figures> {
        await this.go()
        await this.rest()
        const figures: Figures = { shift: await this.host.evaluate<number>(shift) }
        for (const [where, session] of [['host', this.host], ['frame', this.frame]] as const) {
            if (!session) continue
            const metrics = (await session.send('Performance.getMetrics')).metrics as { name: string; value: number }[]
            const metric = (name: string) => metrics.find(metric => metric.name === name)?.value ?? 0
            figures[`${where} script`] = metric('ScriptDuration') * 1_000
            figures[`${where} tasks`] = metric('TaskDuration') * 1_000
            figures[`${where} layout`] = (metric('LayoutDuration') + metric('RecalcStyleDuration')) * 1_000
            figures[`${where} wasm`] = await this.wasm(session)
            figures[`${where} heap`] = Number((await session.send('Runtime.getHeapUsage')).usedSize)
        }
        if (this.contender.name === 'nothing') return figures
        for (const session of this.all) await this.watch(session, false)
        await this.seen('bell')
        const { pressed, message } = await this.open()
        await this.check(true)
        return { ...figures, opening: message - pressed }
    }

    /**
     * The memory of all WebAssembly instances in this process; the query collects garbage first.
     */
    private async wasm(session: Session): Promise<number> {
        await session.send('HeapProfiler.collectGarbage')
        const { result } = await session.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' })
        const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: (result as { objectId: string }).objectId })
        const { objectId } = objects as { objectId: string }
        const answer = await session.send('Runtime.callFunctionOn', {
            objectId,
            returnByValue: true,
            functionDeclaration: 'function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0) }'
        })
        return (answer.result as { value: number }).value
    }
}
