// Runs the examples of docs/inbox-sdk.md verbatim; only the server's address is replaced. Called by
// .ci/sdk-clients.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const [url, folder, python] = process.argv.slice(2)
const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(`${root}end2end/package.json`)
// Node.js 20 has no WebSocket of its own.
globalThis.WebSocket ??= require('ws')
const { InboxSDK } = await import('../public/sdk/index.js')
const made = name => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))
const [siteKey, inboxKey] = [made('site-key'), made('inbox-key')]
const guide = readFileSync(`${root}docs/inbox-sdk.md`, 'utf8')
const blocks = [...guide.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => ({ language, code, used: false }))

/** The only block in this language that contains these words. */
const block = (language, words) => {
    const found = blocks.filter(one => one.language === language && one.code.includes(words))
    assert.equal(found.length, 1, `blocks of ${language} with ${words}`)
    found[0].used = true
    return found[0].code
}
const env = { ...process.env, BELFRY_ENVIRONMENT: siteKey.environment_id, BELFRY_SDK_KEY: siteKey.key }
const run = (program, args) => execFileSync(program, args, { env, encoding: 'utf8', timeout: 60_000, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
const present = program => {
    try {
        return Boolean(run('sh', ['-c', `command -v ${program}`]))
    } catch {
        return false
    }
}
const script = (name, code) => {
    writeFileSync(`${folder}/${name}`, code)
    return `${folder}/${name}`
}
// The packages that the examples import, as if installed.
mkdirSync(`${folder}/node_modules/@belfry`, { recursive: true })
for (const [name, target] of [['jose', 'jose'], ['phoenix', 'phoenix-1.8'], ['ws', 'ws']]) symlinkSync(`${root}end2end/node_modules/${target}`, `${folder}/node_modules/${name}`)
symlinkSync(`${root}public/sdk`, `${folder}/node_modules/@belfry/inbox-sdk`)

// The output of the command line.
const printed = [...block('sh', 'belfry sdk-key create').matchAll(/^# (\{.*?\})/gm)].map(([, json]) => JSON.parse(json))
assert.deepEqual(printed.map(Object.keys), [siteKey, inboxKey].map(Object.keys))

// A token in each language, verified by the server.
const languages = [
    ['js', 'SignJWT', 'node', 'token.mjs', code => `${code}\nconsole.log(token)`],
    // A `token.py` would shadow Python's own module.
    ['python', 'jwt.encode', python, 'sign.py', code => `${code}\nprint(token)`],
    ['ruby', 'OpenSSL', 'ruby', 'token.rb', code => `${code}\nputs token`],
    ['php', 'hash_hmac', 'php', 'token.php', code => `<?php ${code}\necho $token;`],
    ['java', 'javax.crypto', 'java', 'Token.java', code => `class Token { public static void main(String[] arguments) throws Exception {\n${code}\nSystem.out.println(token); } }`],
    ['go', 'hmac.New', 'go', 'token.go', code => `package main\nimport ("crypto/hmac"; "crypto/sha256"; "encoding/base64"; "encoding/json"; "fmt"; "os"; "time")\nfunc main() {\n${code}\nfmt.Println(token)\n}`]
]
const skipped = []
const tokens = []
for (const [language, words, program, name, whole] of languages) {
    const code = whole(block(language, words))
    if (!present(program)) {
        skipped.push(program)
        continue
    }
    const token = run(program, program === 'go' ? ['run', script(name, code)] : [script(name, code)]).trim()
    const inbox = await InboxSDK.authenticate(token, { host: url })
    assert.deepEqual([inbox.user.externalId, inbox.user.name, inbox.user.email], ['office/7', 'Ada', 'ada@office.example'], language)
    inbox.disconnect()
    const refused = await InboxSDK.authenticate(token.slice(0, -4) + 'AAAA', { host: url }).then(() => 'accepted', error => error.reason)
    assert.equal(refused, 'invalid_token', language)
    tokens.push(token)
}

// Without the script.
const client = block('js', "from 'phoenix'").replace('wss://inbox.example', url.replace('http', 'ws')).replace('{ authToken: token }', '{ authToken: token, transport: WebSocket }')
const said = run('node', [script('client.mjs', `import WebSocket from 'ws'\nconst token = '${tokens[0]}', environment = '${siteKey.environment_id}'\n${client}\nsetTimeout(() => process.exit(), 3000)`)])
assert.deepEqual(said.trim().split('\n'), ['office/7', '0'])

// The page of the guide, and its script, compiled as TypeScript.
const page = block('html', 'InboxSDK.authenticate')
const typed = page.match(/<script type="module">\n(.*?)<\/script>/s)[1]
// TypeScript can't know the page's elements, and its functions have no types.
const strict = typed
    .replaceAll(/(document\.getElementById\([^)]*\))/g, '$1!')
    .replaceAll(/(const row = )conversation =>/g, '$1(conversation: Conversation) =>')
const imports = `import { type Channel, type Conversation, type Inbox, InboxSDK, InboxSDKError, type ListName, type StudioUser } from '@belfry/inbox-sdk'\n`
const more = `
const user: StudioUser = inbox.user
const names: ListName[] = ['mine', 'new', 'watched']
const ends: (() => void)[] = names.map(name => inbox.subscribe(name, { onRemove: conversation => console.log(conversation.id) }))
const same: Inbox = await window.InboxSDK.authenticate('', { languageCode: 'nl' })
const all: Channel[] = await same.listInitiateableChannels()
inbox.startConversation(all[0]!, '0612345678').catch((error: InboxSDKError) => console.log(error.reason, user.externalId, ends))
// @ts-expect-error There is no such list.
inbox.subscribe('theirs', {})
// @ts-expect-error A token is a text.
InboxSDK.authenticate(42)
`
script('page.ts', imports + strict + more)
const options = ['--noEmit', '--strict', '--noUncheckedIndexedAccess', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2022,dom,dom.iterable']
try {
    run('node', [`${root}end2end/node_modules/typescript/bin/tsc`, ...options, 'page.ts'])
} catch (error) {
    assert.fail(error.stdout)
}

const unused = blocks.filter(one => !one.used && one.language !== 'text')
assert.deepEqual(unused.map(one => one.code.split('\n')[0]), [], 'examples that are not run')
console.log(`${blocks.length} examples of docs/inbox-sdk.md${skipped.length ? `; no ${skipped.join(', ')} here` : ''}`)
