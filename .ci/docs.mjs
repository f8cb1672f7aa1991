// Tests the documentation: links, names and every fenced block of code. Called by .ci/docs. Names are those of files, make targets, flags,
// environment variables and routes in backticks.
//
// Each document gets a temporary folder, database and server. Its blocks run in order:
//   sh, bash  statement by statement. A comment `# {…}` or `# 201 {…}` after a call is compared with the real answer: each member that it shows must be
//             there, with a value of the same type. `NAME=019a…` takes the id of the last answer.
//   http      a request and its answer, compared in the same way.
//   json      needs a comment before it that says what it is: `<!-- answer: GET /v1/… -->` or `<!-- body: POST /v1/… -->`.
//   html      opened in Chromium until the bell is there.
//   js, python, css, xml   by the harness below that names the document and some words of the block.
//   mermaid, nginx, systemd, text   checked as far as that is possible here.
// Comments before a block: `<!-- not run: REASON -->`, `<!-- setup: COMMAND -->` (a shell command that runs first), `<!-- server: stopped -->`,
// `<!-- needs: PROGRAM -->` (left out, and listed, where it is not installed).
// A block of another kind fails, and so does one of js, python, css or xml without a harness.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(`${root}end2end/package.json`)
const binary = process.env.BELFRY_BIN ?? join(root, 'target/debug/belfry')
/** Run by other parts of `make test`, which fail for a block that they do not use. */
const DELEGATED = { 'docs/conversations.md': 'make channel-clients', 'docs/inbox-sdk.md': 'make sdk-clients' }
/** Their blocks are not commands of this project. */
const PROSE = ['CHANGELOG.md', 'public/sdk/README.md']
const EXAMPLE_HOST = 'https://inbox.example'
const START_TIMEOUT_MS = 20_000
const COMMAND_TIMEOUT_MS = 60_000
const BELL_TIMEOUT_MS = 20_000

const BUILT = ['target', 'node_modules', '.git', '.schemathesis', 'test-results', 'playwright-report']
const markdown = folder =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
        const path = join(folder, entry.name)
        if (entry.isDirectory()) return BUILT.includes(entry.name) ? [] : markdown(path)
        return entry.name.endsWith('.md') ? [path] : []
    })
const documents = markdown('.').sort()
const selected = process.argv.slice(2)
const faults = []
const fault = (file, line, text) => faults.push(`${file}:${line}: ${text}`)

// Parsing.

/** Lines of a document outside of fenced blocks (blank inside of them, so that line numbers stay), and its blocks. */
const parse = file => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    const prose = []
    const blocks = []
    let open
    for (const [index, line] of lines.entries()) {
        const fence = line.match(/^(\s*)(```+|~~~+)\s*(\S*)\s*$/)
        if (open) {
            prose.push('')
            if (fence && fence[2].startsWith(open.fence) && !fence[3]) {
                blocks.push({ ...open, code: open.lines.join('\n') + '\n' })
                open = undefined
            } else open.lines.push(line.slice(0, open.indent.length).trim() ? line : line.slice(open.indent.length))
        } else if (fence) {
            const markers = []
            for (let above = index - 1; above >= 0; above--) {
                const marker = lines[above].match(/^\s*<!--\s*([a-z ]+):\s*(.*?)\s*-->\s*$/)
                if (!marker) break
                markers.unshift({ name: marker[1], value: marker[2] })
            }
            open = { file, line: index + 1, fence: fence[2], indent: fence[1], language: fence[3], markers, lines: [] }
            prose.push('')
        } else prose.push(line)
    }
    if (open) fault(file, open.line, 'this block is not closed')
    return { prose, blocks }
}
const parsed = new Map(documents.map(file => [file, parse(file)]))

/** The anchors that a Markdown page has: its headings as GitHub writes them. */
const anchors = file => {
    const seen = new Map()
    const all = new Set()
    for (const line of parsed.get(file).prose) {
        const heading = line.match(/^#{1,6}\s+(.*?)\s*#*$/)?.[1]
        for (const [, id] of line.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) all.add(id)
        if (heading === undefined) continue
        const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '')
        const slug = text.toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-')
        const count = seen.get(slug) ?? 0
        seen.set(slug, count + 1)
        all.add(count ? `${slug}-${count}` : slug)
    }
    return all
}

// Links, paths and targets.

let links = 0
const check_links = file => {
    for (const [index, line] of parsed.get(file).prose.entries()) {
        const text = line.replaceAll(/`[^`]*`/g, code => (code.includes('](') ? '' : code))
        const targets = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g), ...text.matchAll(/^\[[^\]]+\]:\s+(\S+)/g), ...text.matchAll(/\b(?:src|href)="([^"]+)"/g)]
        for (const [, target] of targets) {
            if (/^[a-z][a-z+.-]*:/i.test(target)) continue
            links += 1
            const [path, anchor] = decodeURIComponent(target).split('#')
            const place = path ? normalize(path.startsWith('/') ? path.slice(1) : join(dirname(file), path)) : file
            if (place.startsWith('..') || !existsSync(join(root, place))) fault(file, index + 1, `the link ${target} leads nowhere`)
            else if (anchor && place.endsWith('.md') && !anchors(place).has(anchor)) fault(file, index + 1, `${place} has no heading for #${anchor}`)
        }
    }
}

const makefile = readFileSync(join(root, 'Makefile'), 'utf8')
const targets = new Set(makefile.match(/^\.PHONY:(.*)$/m)[1].trim().split(/\s+/))
const there = path => existsSync(join(root, path))
let names = 0
/** Files and make targets that the prose names in backticks exist. */
const check_names = file => {
    for (const [index, line] of parsed.get(file).prose.entries()) {
        for (const [, code] of line.matchAll(/`([^`]+)`/g)) {
            const path = code.match(/^(?:src|style|docs|end2end|public|\.ci|\.github|\.devcontainer)(?:\/[\w.-]+)+\/?$/)
            if (path) {
                names += 1
                if (!there(code)) fault(file, index + 1, `there is no ${code}`)
            }
            const target = code.match(/^make ([a-z][\w-]*)/)?.[1]
            if (target) {
                names += 1
                if (!targets.has(target)) fault(file, index + 1, `the Makefile has no target ${target}`)
            }
        }
    }
}

/** Flags and environment variables of the program, and the routes of its description. */
const help = (...words) => execFileSync(binary, [...words, '--help'], { encoding: 'utf8' })
const subcommands = text => [...(text.match(/^Commands:\n(.*?)\n\n/ms)?.[1] ?? '').matchAll(/^  ([a-z][\w-]*)/gm)].map(([, name]) => name).filter(name => name !== 'help')
const helps = subcommands(help()).flatMap(name => [help(name), ...subcommands(help(name)).map(verb => help(name, verb))])
const flags = new Set(helps.flatMap(text => text.match(/--[a-z][a-z-]+/g) ?? []))
const variables = new Set(helps.flatMap(text => text.match(/\b(?:BELFRY_[A-Z_]+|DATABASE_(?:DIRECT_)?URL)\b/g) ?? []))
/** Of the tests and of the examples, not of the program. */
const OTHER_VARIABLES = ['BELFRY_KEY', 'BELFRY_BIN', 'BELFRY_CRASHES', 'BELFRY_TEST_DATABASE', 'BELFRY_TEST_POOLED', 'BELFRY_AGENT', 'BELFRY_SECRET', 'BELFRY_SDK_KEY', 'BELFRY_ENVIRONMENT']
const OTHER_FLAGS = ['--belfry-', '--quick', '--only', '--lib', '--test', '--nocapture']
const known_routes = async () => {
    const session = await Session.start()
    try {
        const { paths } = await (await fetch(`${session.url}/openapi.json`)).json()
        const all = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map(method => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '{}')}`))
        return new Set(all.flatMap(route => [route, route.replace(' /v1', ' /api/v1')]))
    } finally {
        await session.stop()
    }
}
const check_program = (file, routes) => {
    for (const [index, line] of parsed.get(file).prose.entries()) {
        for (const [, code] of line.matchAll(/`([^`]+)`/g)) {
            if (/^(cargo|make|\.ci\/|UPDATE_|BELFRY_CRASHES)/.test(code)) continue
            for (const [flag] of code.matchAll(/(?<![\w-])--[a-z][a-z-]+/g))
                if (!flags.has(flag) && !OTHER_FLAGS.some(other => flag.startsWith(other))) fault(file, index + 1, `no command has the flag ${flag}`)
            for (const [variable] of code.matchAll(/\b(?:BELFRY_[A-Z_]+)\b/g))
                if (!variables.has(variable) && !OTHER_VARIABLES.includes(variable)) fault(file, index + 1, `the program does not read ${variable}`)
            const route = code.match(/^(GET|POST|PUT|PATCH|DELETE) (\/(?:api\/v1|v1|public\/api)\/[^\s?]*)/)
            if (route && !route[2].includes('…') && !route[2].startsWith('/api/v1/appinbox')) {
                names += 1
                const name = `${route[1]} ${route[2].replaceAll(/\{\w+\}/g, '{}').replaceAll(/\/\d+(?=\/|$)/g, '/{}')}`
                if (!routes.has(name)) fault(file, index + 1, `the description has no ${route[1]} ${route[2]}`)
            }
        }
    }
}

// What is shown, against what is there.

/** The members that are different each time. */
const CHANGING = /(^id|Id|_id|At|Date|number|name|^detail)$/
/** Every member that `shown` has is in `real`, with a value of the same type, and of the same words where it is not an example. */
const compare = (shown, real, place = 'the answer') => {
    if (shown === null) return
    if (Array.isArray(shown)) {
        assert.ok(Array.isArray(real), `${place} is no list`)
        if (shown.length && real.length) compare(shown[0], real[0], `${place}[0]`)
        else assert.ok(!shown.length, `${place} is empty`)
        return
    }
    assert.equal(real === null ? 'null' : typeof real, typeof shown, `the type of ${place}`)
    if (typeof shown === 'object') {
        for (const [name, value] of Object.entries(shown)) {
            assert.ok(name in real, `${place} has no ${name}`)
            if (typeof value === 'string' && (CHANGING.test(name) || value.includes('…'))) assert.equal(typeof real[name], 'string', `the type of ${place}.${name}`)
            else compare(value, real[name], `${place}.${name}`)
        }
    } else if (typeof shown === 'string' && !shown.includes('…')) assert.equal(real, shown, place)
    else if (typeof shown === 'boolean') assert.equal(real, shown, place)
}
/** The JSON at the start of a text, which words may follow. */
const leading_json = text => {
    for (let end = text.length; end > 0; end = Math.max(text.lastIndexOf('}', end - 1), text.lastIndexOf(']', end - 1)) + 1) {
        try {
            return JSON.parse(text.slice(0, end))
        } catch {
            if (text.slice(0, end - 1).lastIndexOf('}') < 0) return undefined
            end -= 1
        }
    }
    return undefined
}

// A document's own server.

const until = async (what, milliseconds, look) => {
    const end = Date.now() + milliseconds
    for (;;) {
        const found = await look()
        if (found) return found
        if (Date.now() > end) throw new Error(`${what} did not come`)
        await new Promise(resolve => setTimeout(resolve, 50))
    }
}

class Session {
    /** Shell variables, known in every statement. */
    variables = {}
    last

    static async start() {
        const session = new Session()
        session.folder = mkdtempSync(join(tmpdir(), 'belfry-docs-'))
        const bin = join(session.folder, 'bin')
        mkdirSync(bin)
        mkdirSync(join(session.folder, 'run'))
        const program = (name, text) => writeFileSync(join(bin, name), `#!/bin/sh\n${text}`, { mode: 0o755 })
        // A server that a document starts listens elsewhere, has a database of its own, and ends when it is ready.
        program(
            'belfry',
            `[ "$1" = serve ] || exec "$DOCS_BINARY" "$@"
folder=$(mktemp -d "$DOCS_FOLDER/serve-XXXXXX")
count=$#
while [ "$count" -gt 0 ]; do
    word=$1; shift; count=$((count - 1))
    if [ "$word" = --listen ]; then shift; count=$((count - 1)); set -- "$@" --listen 127.0.0.1:0; else set -- "$@" "$word"; fi
done
DATABASE_URL="sqlite://$folder/belfry.db" "$DOCS_BINARY" "$@" >"$folder/out" 2>"$folder/log" &
server=$!
for _ in $(seq 200); do
    if grep -q listening "$folder/out"; then head -n 1 "$folder/out"; kill "$server"; wait "$server"; exit; fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
done
cat "$folder/log" >&2
exit 1
`
        )
        // `cargo run -- demo` is the demo of the binary that is tested: its shop must answer.
        program(
            'cargo',
            `[ "$*" = "run -- demo" ] || { echo "cargo $*: not known here" >&2; exit 1; }
folder=$(mktemp -d "$DOCS_FOLDER/demo-XXXXXX")
DATABASE_URL="sqlite://$folder/belfry.db" "$DOCS_BINARY" demo --listen 127.0.0.1:0 --shop-listen 127.0.0.1:0 --back-office-listen 127.0.0.1:0 >"$folder/out" 2>"$folder/log" &
demo=$!
trap 'kill "$demo"' EXIT
for _ in $(seq 200); do
    shop=$(sed -n 's/.*is open: *//p' "$folder/out")
    if [ -n "$shop" ] && "$DOCS_CURL" -fsS "$shop" >/dev/null 2>&1; then exit; fi
    kill -0 "$demo" 2>/dev/null || break
    sleep 0.1
done
cat "$folder/log" >&2
exit 1
`
        )
        program('curl', `exec "$DOCS_CURL" -sS -w '%{stderr}\\nHTTP %{http_code}\\n' "$@"\n`)
        // What a target does takes minutes; that it is there does not.
        program('make', 'exec "$DOCS_MAKE" --no-print-directory -n -C "$DOCS_ROOT" "$@"\n')
        const where = name => execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
        session.env = {
            ...process.env, PATH: bin + delimiter + process.env.PATH, DOCS_BINARY: binary, DOCS_FOLDER: session.folder, DOCS_ROOT: root, DOCS_CURL: where('curl'),
            DOCS_MAKE: where('make'), DATABASE_URL: `sqlite://${session.folder}/run/belfry.db`, NO_PROXY: '*', no_proxy: '*'
        }
        await session.serve()
        session.page = await page_server(session)
        const created = session.belfry('site', 'create', '--name', 'My shop', '--origin', 'https://shop.example', '--selector', '#bell')
        session.keep(created)
        await session.post('/v1/contact', { externalCustomerId: '42', firstName: 'Anna', channels: [{ type: 'email', value: 'anna@shop.example' }] })
        return session
    }

    async serve() {
        this.server = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--webhooks-allow-private'], { env: this.env, cwd: `${this.folder}/run`, stdio: ['ignore', 'pipe', 'pipe'] })
        let out = ''
        this.log = ''
        this.server.stdout.on('data', part => (out += part))
        this.server.stderr.on('data', part => (this.log += part))
        this.url = await until('the server', START_TIMEOUT_MS, () => {
            assert.equal(this.server.exitCode, null, this.log)
            return out.match(/"url":"([^"]+)"/)?.[1]
        })
    }

    async halt() {
        if (!this.server || this.server.exitCode !== null) return
        const ended = new Promise(resolve => this.server.once('exit', resolve))
        this.server.kill()
        await ended
    }

    async stop() {
        await this.halt()
        this.page?.server.close()
        this.page?.server.closeAllConnections()
        rmSync(this.folder, { recursive: true, force: true })
    }

    belfry(...args) {
        return JSON.parse(execFileSync(binary, args, { env: this.env, cwd: `${this.folder}/run`, encoding: 'utf8' }))
    }

    /** What an answer gives to the next examples. */
    keep(answer) {
        if (!answer || typeof answer !== 'object' || Array.isArray(answer)) return
        this.last = answer
        if (answer.site && answer.api_key) {
            Object.assign(this.variables, { SITE: answer.site, BELFRY_KEY: answer.api_key })
            // The document's site is also that of the page on which its examples are opened.
            this.belfry('site', 'update', answer.site, '--origin', 'https://shop.example', '--origin', this.page.origin)
        }
        if (answer.token) this.variables.TOKEN = answer.token
    }

    async post(path, body) {
        const headers = { authorization: `Bearer ${this.variables.BELFRY_KEY}`, 'content-type': 'application/json' }
        const answer = await fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
        const text = await answer.text()
        assert.ok(answer.ok, `${path}: ${answer.status} ${text}`)
        return JSON.parse(text)
    }

    async token() {
        return (await this.post('/v1/auth/contact/token', { externalCustomerId: '42' })).token
    }

    here(text) {
        return text.replaceAll(EXAMPLE_HOST, this.url).replaceAll('https://shop.example/hook', `${this.page.origin}/hook`).replaceAll(/(?<![\w$])SITE(?!\w)/g, this.variables.SITE).replaceAll('5b0c2f4e-…', this.variables.SITE)
    }

    /** Runs shell text with the variables so far. */
    shell(text) {
        const set = Object.entries(this.variables).map(([name, value]) => `${name}='${value}'; export ${name}\n`).join('')
        return spawnSync('sh', ['-euc', set + text], { env: this.env, cwd: `${this.folder}/run`, encoding: 'utf8', timeout: COMMAND_TIMEOUT_MS })
    }

    write(name, text) {
        writeFileSync(join(this.folder, 'run', name), text)
        return join(this.folder, 'run', name)
    }
}

/** The site's own pages: one with the example in it, and the endpoint that gives tokens. */
const page_server = async session => {
    const page = { html: '', headers: {} }
    page.server = createServer(async (request, response) => {
        if (request.url === '/belfry-token') return response.end(await session.token())
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...page.headers })
        response.end(page.html)
    })
    await new Promise(resolve => page.server.listen(0, '127.0.0.1', resolve))
    page.origin = `http://localhost:${page.server.address().port}`
    return page
}

let chromium
const browser = async () => {
    chromium ??= await require('@playwright/test').chromium.launch({ executablePath: process.env.CHROMIUM || undefined, args: ['--no-sandbox'] })
    return chromium
}

// Each kind of block.

/** Whole statements of a shell text, each with the comments behind it. */
const statements = code => {
    const all = []
    let text = ''
    for (const line of code.split('\n')) {
        if (!text && line.startsWith('#')) {
            all.at(-1)?.comments.push(line.slice(1).trim())
            continue
        }
        if (!text && !line.trim()) continue
        text += (text ? '\n' : '') + line
        if (!line.endsWith('\\') && spawnSync('sh', ['-n', '-c', text]).status === 0) {
            all.push({ text, comments: [] })
            text = ''
        }
    }
    assert.equal(text, '', 'this is not complete')
    return all
}

const run_shell = (session, code) => {
    for (const { text, comments } of statements(code)) {
        const assigned = text.match(/^([A-Z_]+)=(.*….*)$/)
        if (assigned) {
            const value = session.last?.[assigned[1].toLowerCase()] ?? session.last?.id
            assert.ok(value !== undefined, `there is nothing to put into ${assigned[1]}`)
            session.variables[assigned[1]] = String(value)
            continue
        }
        const { status, stdout, stderr, error } = session.shell(session.here(text))
        assert.ok(!error, `${text}\n${error?.message}`)
        assert.equal(status, 0, `${text}\n${stdout}${stderr}`)
        const plain = text.match(/^([A-Z_]+)=(\S*)$/)
        if (plain) session.variables[plain[1]] = session.here(plain[2])
        const expectations = comments.map(comment => ({ comment, status: comment.match(/^(\d{3}) /)?.[1], json: leading_json(comment.replace(/^\d{3} /, '')) })).filter(({ json }) => typeof json === 'object')
        const answers = stdout.trim().split('\n').map(leading_json).filter(answer => typeof answer === 'object' && answer)
        for (const [, got] of stderr.matchAll(/^HTTP (\d+)$/gm)) {
            const wanted = expectations.find(one => one.status)?.status
            assert.ok(wanted ? got === wanted : got.startsWith('2'), `${text}\nwas answered with ${got}: ${stdout}`)
        }
        if (expectations.length) {
            assert.ok(answers.length, `${text}\nprints no JSON: ${stdout}`)
            for (const [index, { json }] of expectations.entries()) compare(json, answers[index] ?? answers.at(-1))
        }
        answers.forEach(answer => session.keep(answer))
    }
}

const run_http = async (session, code) => {
    const filled = session.here(code).replaceAll(/\$([A-Z_]+)/g, (all, name) => session.variables[name] ?? all)
    const [first, second] = filled.split(/^(?=HTTP\/1\.1 \d{3})/m)
    assert.ok(second, 'an http block has a request and its answer, which begins with HTTP/1.1 and the status')
    const part = text => {
        const [head, ...body] = text.trim().split('\n\n')
        const [first, ...headers] = head.split('\n')
        return { first, headers: Object.fromEntries(headers.map(line => line.split(/:\s*/, 2).map(word => word.trim()))), body: body.join('\n\n') }
    }
    const request = part(first)
    const expected = part(second)
    const [method, path] = request.first.split(' ')
    const answer = await fetch(session.url + path, { method, headers: request.headers, body: request.body || undefined })
    const text = await answer.text()
    assert.equal(String(answer.status), expected.first.split(' ')[1], text)
    for (const [name, value] of Object.entries(expected.headers)) {
        const real = answer.headers.get(name)
        assert.ok(real !== null, `the answer has no header ${name}`)
        if (!value.includes('…')) assert.ok(real.startsWith(value), `${name}: ${real}`)
    }
    if (expected.body) {
        const real = JSON.parse(text)
        compare(JSON.parse(expected.body), real)
        session.keep(real)
    }
    const next = answer.headers.get('es-token')
    if (next) session.variables.TOKEN = next
}

const run_json = async (session, { code, markers }) => {
    const value = JSON.parse(code)
    const answer = markers.find(({ name }) => name === 'answer')?.value
    const body = markers.find(({ name }) => name === 'body')?.value
    assert.ok(answer || body, 'say what this is, by <!-- answer: GET /path --> or <!-- body: POST /path --> before it')
    const [method, path] = (answer ?? body).split(' ')
    const headers = { authorization: `Bearer ${session.variables.BELFRY_KEY}`, 'content-type': 'application/json' }
    const real = await fetch(session.url + session.here(path), { method, headers, body: body && JSON.stringify(value) })
    const text = await real.text()
    assert.ok(real.ok, `${real.status} ${text}`)
    if (answer) compare(value, JSON.parse(text))
}

const run_html = async (session, code) => {
    for (const [, attributes, script] of code.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)) if (!attributes.includes('module')) new Script(script)
    const filled = session.here(code)
    const snippet = filled.split('\n').find(line => line.startsWith('<script>!function'))
    if (snippet) {
        const { stdout } = session.shell(`belfry site snippet ${session.variables.SITE} --public-url ${session.url}`)
        assert.ok(stdout.includes(snippet), `this is not the snippet that \`belfry site snippet\` prints:\n${stdout}`)
    }
    const nonce = filled.includes('nonce="…"')
    session.page.headers = nonce
        ? { 'content-security-policy': `script-src ${session.url} 'nonce-n1'; frame-src ${session.url}; form-action ${session.url}; require-trusted-types-for 'script'; trusted-types 'none'` }
        : {}
    const bell = filled.includes('id="bell"') || filled.includes('<iframe') ? '' : '<span id="bell"></span>'
    const body = filled.replaceAll('nonce="…"', 'nonce="n1"').replaceAll('bft_…', await session.token())
    session.page.html = `<!doctype html><title>Shop</title><body>${bell}${body}`
    const page = await (await browser()).newPage()
    const lines = []
    page.on('console', message => lines.push(message.text()))
    page.on('pageerror', error => lines.push(String(error)))
    try {
        await page.goto(session.page.origin)
        await until(`the bell (${session.page.origin}; console: ${lines.join(' | ')})`, session.bell_timeout, async () => {
            const frame = page.frames().find(frame => frame.url().startsWith(`${session.url}/embed/`))
            return frame && (await frame.locator('#bell').count().catch(() => 0))
        })
    } finally {
        await page.close()
    }
}

const node = (session, name, code) => {
    const links = join(session.folder, 'run', 'node_modules')
    if (!existsSync(links)) symlinkSync(join(root, 'end2end/node_modules'), links)
    const { status, stdout, stderr } = spawnSync('node', [session.write(name, code)], { env: { ...session.env, ...session.variables }, cwd: `${session.folder}/run`, encoding: 'utf8', timeout: COMMAND_TIMEOUT_MS })
    assert.equal(status, 0, stderr + stdout)
    return stdout
}
/** A backend around the example: what Express would give it. */
const express = (code, more = '') => `
let handler, sent
const app = { get: (path, it) => (handler = it) }
const response = { set: () => response, send: value => ((sent = value), response) }
${more}
${code}
`
const token_endpoint = async (session, { code }) => {
    const call = user => `sent = undefined\nawait handler({ user: ${user} }, response)\nconsole.log(JSON.stringify(sent))\n`
    const printed = node(session, 'endpoint.mjs', express(session.here(code)) + call('{ id: 42 }') + call('undefined') + call("{ id: 'nobody' }"))
    const [known, out, unknown] = printed.trim().split('\n').map(line => JSON.parse(line))
    assert.match(known, /^bft_/)
    assert.deepEqual([out, unknown], ['', ''])
}
const rendered_page = async (session, { code }) => {
    const token = await session.token()
    const more = `const request = { user: { id: 42 } }, page = '<body><span id="bell"></span><!-- belfry --></body>', belfryToken = async () => '${token}'`
    const html = node(session, 'page.mjs', express(session.here(code), more) + '\nconsole.log(sent)')
    assert.ok(html.includes(`eS('init', {token: "${token}"`), html)
}
const flask = async (session, { code }) => {
    const program = `
import json, os, urllib.request
class current_user:
    is_authenticated = True
    id = 42
class app:
    @staticmethod
    def get(path):
        return lambda function: function
class requests:
    @staticmethod
    def post(url, auth, json, timeout):
        import base64
        from json import dumps, loads
        headers = {"Authorization": "Basic " + base64.b64encode(":".join(auth).encode()).decode(), "Content-Type": "application/json"}
        body = urllib.request.urlopen(urllib.request.Request(url, dumps(json).encode(), headers), timeout=timeout)
        answer = type("Answer", (), {})()
        answer.ok, text = body.status == 200, body.read()
        answer.json = lambda: loads(text)
        return answer
${session.here(code)}
print(belfry_token()[0])
current_user.is_authenticated = False
print(repr(belfry_token()))
`
    const { status, stdout, stderr } = spawnSync('python3', ['-'], { input: program, env: { ...session.env, ...session.variables }, encoding: 'utf8', timeout: COMMAND_TIMEOUT_MS })
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^bft_\S+\n''\n$/)
}
const customer_chat = async (session, { code }) => {
    const { bot_id } = session.belfry('inbox', 'create', session.variables.SITE, '--name', 'Support')
    const { host } = new URL(session.url)
    const filled = code.replaceAll('BOT_ID', bot_id).replace("hostname: 'inbox.example',", `hostname: '${host}', secure: false,`)
    // The page's own things; Node.js 20 has no WebSocket.
    const page = `
import { createRequire } from 'node:module'
globalThis.window ??= globalThis
globalThis.WebSocket ??= createRequire(${JSON.stringify(`${root}end2end/package.json`)})('ws')
globalThis.localStorage = {}
const show = () => {}
const add = event => console.log(JSON.stringify(event))
`
    const whole = session.write('customer.ts', `${filled}\nsetTimeout(() => { console.log(localStorage.userToken); process.exit() }, 3000)`)
    const options = { bundle: true, platform: 'node', format: 'esm', write: false, nodePaths: [join(root, 'end2end/node_modules')], logLevel: 'silent', external: ['node:*'], banner: { js: page } }
    const printed = node(session, 'customer.mjs', require('esbuild').buildSync({ entryPoints: [whole], ...options }).outputFiles[0].text)
    assert.ok(printed.trim().split('\n').at(-1).length > 20, printed)
    const { payload } = JSON.parse(session.shell(`curl ${session.url}/api/v1/accounts/1/conversations -H "api_access_token: ${session.belfry('agent', 'create', session.variables.SITE, '--name', 'Ann', '--email', 'ann@shop.example', '--role', 'administrator').api_access_token}"`).stdout).data
    assert.equal(payload[0].messages.at(-1).content, 'Where is my order?')
}
const theme_check = (file, text) => session => {
    const { status, stderr } = session.shell(`belfry theme check --${file.split('.')[0].replace('theme', 'css')} '${session.write(file, text)}' >/dev/null`)
    assert.equal(status, 0, stderr)
    // An example need not be a whole card; what it has must be used as it stands.
    for (const line of stderr.split('\n')) assert.ok(!/: (warning|error): /.test(line) || /\[(missing_part|contrast)\]$/.test(line), stderr)
}
const css = (session, { code }) => theme_check('theme.css', code)(session)
const drawing = (session, { code }) => {
    const svg = (width, height, parts) => `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">\n${code}${parts}</svg>`
    if (code.includes('#sheet')) {
        const parts = '<rect id="sheet" width="400" height="140" fill="#ffffff" stroke="#cccccc"/><text id="title" x="20" y="40" font-size="15" fill="#222222">Title</text><text id="body" x="20" y="70" font-size="14" fill="#222222">Body</text>'
        return theme_check('card.svg', svg(400, 140, parts))(session)
    }
    theme_check('bell.svg', svg(40, 40, '<g id="swing"><path d="M12 28h16l-2-4v-6a6 6 0 0 0-12 0v6z" fill="#333333"/></g>'))(session)
}
/** Document, kind, words of the block, and what runs it. */
const HARNESSES = [
    ['README.md', 'js', "app.get('/belfry-token'", token_endpoint],
    ['docs/embedding.md', 'js', "app.get('/belfry-token'", token_endpoint],
    ['docs/embedding.md', 'js', 'belfryToken(request.user)', rendered_page],
    ['docs/embedding.md', 'python', 'def belfry_token', flask],
    ['docs/inbox-sdk-customers.md', 'js', 'new ChatBubble', customer_chat],
    ['docs/themes.md', 'css', '', css],
    ['docs/themes.md', 'xml', '<style>', drawing]
]
const harness = block => {
    const found = HARNESSES.find(([file, language, words]) => file === block.file && language === block.language && block.code.includes(words))
    assert.ok(found, `nothing runs this block of ${block.language}: add a harness to .ci/docs.mjs`)
    return found[3]
}

const present = program => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const skipped = []
const check_nginx = (session, { code, file, line }) => {
    if (!present('nginx') || !present('openssl')) return void skipped.push(`${file}:${line}: nginx is not installed`)
    const [key, certificate] = ['key.pem', 'certificate.pem'].map(name => join(session.folder, name))
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-subj', '/CN=inbox.example', '-days', '2'], { stdio: 'ignore' })
    const site = code.replace(/(ssl_certificate\s+)\S+;/, `$1${certificate};`).replace(/(ssl_certificate_key\s+)\S+;/, `$1${key};`)
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${session.folder}/nginx-${name};\n`).join('')
    const whole = `pid ${session.folder}/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${places}${site}\n}\n`
    const { status, stderr } = spawnSync('nginx', ['-t', '-p', session.folder, '-c', session.write('nginx.conf', whole)], { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
}
const check_systemd = (session, { code, file, line }) => {
    if (!present('systemd-analyze')) return void skipped.push(`${file}:${line}: systemd-analyze is not installed`)
    const unit = session.write('belfry.service', code.replace('/usr/local/bin/belfry', binary))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' })
    const ours = stderr.split('\n').filter(line => line.includes('belfry.service'))
    assert.equal(ours.join('\n'), '', stderr)
    assert.equal(status, 0, stderr)
}
const check_mermaid = (session, { code }) => {
    const [kind, ...lines] = code.trim().split('\n')
    assert.match(kind, /^(sequenceDiagram|flowchart (LR|TD|TB|RL))$/, 'the kind of diagram')
    if (kind !== 'sequenceDiagram') return
    const declared = new Set()
    for (const line of lines.map(line => line.trim())) {
        const participant = line.match(/^(?:participant|actor) (\w+) as \S/)
        assert.ok(!/[;#]/.test(line), `; and # end a statement of a diagram: ${line}`)
        const message = line.match(/^(\w+)--?>>(\w+): \S/)
        const note = line.match(/^Note (?:over|left of|right of) (\w+)(?:,(\w+))?: \S/)
        if (participant) declared.add(participant[1])
        else {
            assert.ok(message || note, `not understood: ${line}`)
            for (const name of (message ?? note).slice(1).filter(Boolean)) assert.ok(declared.has(name), `${name} is not declared: ${line}`)
        }
    }
}

const KINDS = {
    sh: (session, { code }) => run_shell(session, code),
    bash: (session, { code }) => run_shell(session, code),
    http: (session, { code }) => run_http(session, code),
    html: (session, { code }) => run_html(session, code),
    json: run_json,
    js: (session, block) => harness(block)(session, block),
    python: (session, block) => harness(block)(session, block),
    css: (session, block) => harness(block)(session, block),
    xml: (session, block) => harness(block)(session, block),
    mermaid: check_mermaid,
    nginx: check_nginx,
    systemd: check_systemd,
    text: () => {}
}
const counts = {}
const count = what => (counts[what] = (counts[what] ?? 0) + 1)
const not_run = []

const run_document = async (file, bell_timeout = BELL_TIMEOUT_MS) => {
    const { blocks } = parsed.get(file)
    if (PROSE.includes(file) || !blocks.length) return
    if (file in DELEGATED) return void blocks.forEach(() => count(`run by ${DELEGATED[file]}`))
    let session
    try {
        for (const block of blocks) {
            const reason = block.markers.find(({ name }) => name === 'not run')
            if (reason) {
                if (!reason.value) fault(file, block.line, 'say why it is not run')
                not_run.push(`${file}:${block.line}: ${reason.value}`)
                continue
            }
            const lacking = block.markers.find(({ name, value }) => name === 'needs' && !present(value)) ?? (block.language === 'python' && !present('python3') && { value: 'python3' })
            if (lacking) {
                skipped.push(`${file}:${block.line}: ${lacking.value} is not installed`)
                continue
            }
            if (!(block.language in KINDS)) {
                fault(file, block.line, `blocks of the kind "${block.language}" are unknown: name one of ${Object.keys(KINDS).join(', ')}, or mark it <!-- not run: REASON -->`)
                continue
            }
            try {
                session ??= await Session.start()
                session.bell_timeout = bell_timeout
                const stopped = block.markers.some(({ name, value }) => name === 'server' && value === 'stopped')
                if (stopped) await session.halt()
                for (const { value } of block.markers.filter(({ name }) => name === 'setup')) {
                    const { status, stderr } = session.shell(session.here(value))
                    assert.equal(status, 0, `${value}\n${stderr}`)
                }
                await KINDS[block.language](session, block)
                if (stopped) await session.serve()
                count(block.language)
            } catch (error) {
                fault(file, block.line, error.message)
            }
        }
    } finally {
        await session?.stop()
    }
}

/** Errors that must be found, so that a run that sees nothing fails as well. Each is a document's text and what is to be said of it. */
const SEEDED = [
    ['[there](nowhere.md)', /leads nowhere/],
    ['[there](#nothing)', /no heading for #nothing/],
    ['`src/nothing.rs`', /there is no src\/nothing\.rs/],
    ['`make nothing`', /no target nothing/],
    ['`belfry serve --nothing`', /no command has the flag --nothing/],
    ['`GET /v1/nothing`', /the description has no GET \/v1\/nothing/],
    ['```toml\na = 1\n```', /"toml" are unknown/],
    ['<!-- not run: -->\n```sh\nfalse\n```', /say why/],
    ['```sh\nfalse\n```', /1 !== 0/],
    ['```sh\ncurl https://inbox.example/v1/version\n```', /answered with 401/],
    ['```sh\ncurl https://inbox.example/v1/version -u any:$BELFRY_KEY\n# {"release":"0.1.0"}\n```', /has no release/],
    ['```http\nGET /v1/version HTTP/1.1\n\nHTTP/1.1 200 OK\n```', /401/],
    ['```json\n{}\n```', /say what this is/],
    ['```js\nlet a\n```', /add a harness/],
    ['```html\n<p>no bell</p>\n```', /the bell .* did not come/],
    ['```mermaid\nsequenceDiagram\nA->>B: hello\n```', /A is not declared/]
]
const check_seeded = async routes => {
    const file = 'target/docs-seeded.md'
    mkdirSync(join(root, 'target'), { recursive: true })
    writeFileSync(join(root, file), SEEDED.map(([text]) => text).join('\n\n') + '\n')
    parsed.set(file, parse(file))
    check_links(file)
    check_names(file)
    check_program(file, routes)
    await run_document(file, 2_000)
    const found = faults.splice(0)
    for (const [text, expected] of SEEDED) if (!found.some(one => expected.test(one))) fault('.ci/docs.mjs', 1, `this error was not found: ${text}\n${found.join('\n')}`)
    rmSync(join(root, file))
    for (const counter of Object.keys(counts)) delete counts[counter]
    not_run.length = 0
    links = names = 0
}

const wanted = selected.length ? selected : documents
const routes = await known_routes()
await check_seeded(routes)
for (const file of wanted) {
    if (!parsed.has(file)) throw new Error(`${file} is no Markdown file of this repository`)
    check_links(file)
    if (PROSE.includes(file)) continue
    check_names(file)
    check_program(file, routes)
}
if (wanted.includes('docs/operating.md')) {
    const text = readFileSync(join(root, 'docs/operating.md'), 'utf8')
    for (const name of [...help('serve').matchAll(/^\s+(--[a-z-]+)/gm)].map(([, flag]) => flag)) if (name !== '--help' && !text.includes(`\`${name}\``)) fault('docs/operating.md', 1, `${name} is missing`)
}
for (const file of wanted) await run_document(file)
await chromium?.close()

const total = Object.values(counts).reduce((sum, one) => sum + one, 0)
console.log(`${wanted.length} documents, ${links} links, ${names} names of files and targets`)
console.log(`${total} blocks: ${Object.entries(counts).map(([kind, number]) => `${number} ${kind}`).join(', ')}`)
if (not_run.length) console.log(`${not_run.length} marked as not run:\n  ${not_run.join('\n  ')}`)
if (skipped.length) console.log(`not checked here:\n  ${skipped.join('\n  ')}`)
if (faults.length) {
    console.error(`${faults.length} faults:\n\n${faults.join('\n\n')}`)
    process.exit(1)
}
