import { brotliCompressSync } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { scripts } from '../support/script.ts'

test('the hand-written scripts stay within their size budgets', async () => {
    const { loader, frame } = await scripts()
    const config = { site: '0197a3c2-9f1e-7c3a-8b1d-2f6e5d4c3b2a', origin: 'https://belfry.example.com', selector: 'header .user-menu', position: 'beforeend', language: 'en', bell: true, page: 'https://belfry.example.com/pkg/page-0123456789abcdef.js' }
    expect(brotliCompressSync(loader(config)).length).toBeLessThanOrEqual(3000)
    expect(brotliCompressSync(frame).length).toBeLessThanOrEqual(1450)
})
