// Hostile and unusual texts and files.

/** A payload that is executed sets this name on the window. */
export const MARK = 'owned'

const run = `window.${MARK}=1`

export const texts: Record<string, string> = {
    markup: `"'><img src=x onerror="${run}"><script>${run}</script><svg onload="${run}"><style>*{display:none}</style></ol></main>`,
    addresses: `javascript:${run} [press](javascript:${run}) <a href="javascript:${run}">here</a> https://shop.example/"onmouseover="${run} data:text/html,<script>${run}</script>`,
    template: `{{constructor.constructor('${run}')()}} \${${run}} <%= ${run} %>`,
    direction: '\u202Egpj.exe\u202D \u2067\u2066 شراء \u202Eabc',
    zalgo: `Z${'\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u033f\u0346\u034a\u0350\u0352\u0357\u035b\u0363\u0364\u0365'.repeat(12)}algo`,
    word: 'W'.repeat(5_000),
    wide: '﷽'.repeat(200),
    control: 'a\u0007\u001b[31mb\u200b\u200b\ufeffc\u2028d',
    lines: 'above\n'.repeat(400)
}

/** A message of the maximum length. */
export const longest = 'lamp '.repeat(30_000)

const big = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(64)])

const png = () => {
    const head = Buffer.alloc(33)
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13]).copy(head)
    head.write('IHDR', 12, 'latin1')
    head.writeUInt32BE(65_535, 16)
    head.writeUInt32BE(65_535, 20)
    head.set([8, 6, 0, 0, 0], 24)
    return big(head)
}

const html = `<!doctype html><script>${run};opener&&(opener.${MARK}=1)</script>`
const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="${run}"><script>${run}</script></svg>`

/** Mislabelled files. None of them is a valid image. */
export const files: { name: string; type: string; bytes: Buffer }[] = [
    { name: 'drawing.svg', type: 'image/svg+xml', bytes: Buffer.from(svg) },
    { name: 'drawing.png', type: 'image/png', bytes: Buffer.from(svg) },
    { name: 'page.html', type: 'text/html', bytes: Buffer.from(html) },
    { name: 'page.jpg', type: 'image/jpeg', bytes: Buffer.from(html) },
    { name: 'page.xhtml', type: 'application/xhtml+xml', bytes: Buffer.from(`<html xmlns="http://www.w3.org/1999/xhtml"><script>${run}</script></html>`) },
    { name: 'script.gif', type: 'image/gif', bytes: Buffer.from(`${run}`) },
    { name: 'archive.webp', type: 'image/webp', bytes: big(Buffer.from('PK\x03\x04\x14\x00\x00\x00\x08\x00', 'latin1')) },
    { name: 'gigapixels.png', type: 'image/png', bytes: png() },
    { name: 'gigapixels.gif', type: 'image/gif', bytes: big(Buffer.from('GIF89a\xff\xff\xff\xff\x80\x00\x00', 'latin1')) },
    { name: `"><img src=x onerror="${run}">.pdf`, type: 'application/pdf', bytes: Buffer.from(`%PDF-1.7 ${html}`) },
    { name: 'photo\u202Egnp.html', type: 'image/png', bytes: Buffer.from(html) },
    { name: `${'very long name '.repeat(40)}.txt`, type: 'text/plain', bytes: Buffer.from(html) },
    { name: `${'W'.repeat(300)}.bin`, type: '', bytes: Buffer.from([0, 1, 2]) }
]

/** A valid image. */
export const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FAAhKDveksOjmAAAAAElFTkSuQmCC', 'base64')
