import { brotliCompressSync } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { frame, loader } from '../support/script.ts'

test('the loader stays within its budget', () => {
    const config = { site: '0197a3c2-9f1e-7c3a-8b1d-2f6e5d4c3b2a', origin: 'https://belfry.example.com', selector: 'header .user-menu', position: 'beforeend', language: 'en' }
    expect(brotliCompressSync(loader(config)).length).toBeLessThanOrEqual(3000)
    expect(brotliCompressSync(frame()).length).toBeLessThanOrEqual(1600)
})
