import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { defineConfig } from '@playwright/test'

// The system's browser, so that nothing is downloaded; root can start it only without its sandbox.
const known = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium']
const executablePath = process.env.CHROMIUM ?? known.find(path => existsSync(path))

export default defineConfig({
    testDir: 'tests',
    fullyParallel: true,
    workers: 2,
    forbidOnly: !!process.env.CI,
    // A build machine may be busy for a moment. Tests that pass only on retry are listed as flaky,
    // and should be fixed.
    retries: process.env.CI ? 1 : 0,
    reporter: process.env.CI ? 'line' : 'list',
    timeout: 60_000,
    expect: { timeout: 10_000 },
    use: {
        browserName: 'chromium',
        viewport: { width: 1000, height: 760 },
        // Tracing takes a tenth of the time, and build machines keep no traces.
        trace: process.env.CI ? 'off' : 'retain-on-failure',
        launchOptions: {
            executablePath,
            args: userInfo().uid === 0 ? ['--no-sandbox'] : [],
            // Restoring a page from the back-forward cache is one of the test cases.
            ignoreDefaultArgs: ['--disable-back-forward-cache']
        }
    }
})
