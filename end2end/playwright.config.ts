import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { defineConfig } from '@playwright/test'

// The system's browser, so that nothing is downloaded; root may start it only without its sandbox.
const known = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium']
const executablePath = process.env.CHROMIUM ?? known.find(path => existsSync(path))

export default defineConfig({
    testDir: 'tests',
    fullyParallel: true,
    workers: 2,
    forbidOnly: !!process.env.CI,
    // A build machine may be busy with something else for a moment. What passes only the second time is listed as flaky, and is to be mended.
    retries: process.env.CI ? 1 : 0,
    reporter: process.env.CI ? 'line' : 'list',
    timeout: 60_000,
    expect: { timeout: 10_000 },
    use: {
        browserName: 'chromium',
        viewport: { width: 1000, height: 760 },
        // A tenth of the time goes into it, and a build machine keeps no traces.
        trace: process.env.CI ? 'off' : 'retain-on-failure',
        launchOptions: {
            executablePath,
            args: userInfo().uid === 0 ? ['--no-sandbox'] : [],
            // A page that comes back from this cache is one of the cases.
            ignoreDefaultArgs: ['--disable-back-forward-cache']
        }
    }
})
