// A browser with a profile of its own, for tests that depend on its settings.
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext } from '@playwright/test'

/** Runs `work` in a browser with these preferences. */
export const browse = async (options: object, preferences: object, work: (context: BrowserContext) => Promise<void>) => {
    const folder = mkdtempSync(join(tmpdir(), 'belfry-profile-'))
    mkdirSync(join(folder, 'Default'))
    writeFileSync(join(folder, 'Default', 'Preferences'), JSON.stringify(preferences))
    const context = await chromium.launchPersistentContext(folder, options)
    try {
        await work(context)
    } finally {
        await context.close()
        rmSync(folder, { recursive: true, force: true })
    }
}
