// Where the parts of the bell are on a page that embeds it, with any server of the frame.
import type { FrameLocator, Locator, Page } from '@playwright/test'

export class BellPage {
    constructor(readonly page: Page) {}

    get wrapper(): Locator {
        return this.page.locator('belfry-bell')
    }

    get iframe(): Locator {
        return this.page.locator('belfry-bell > iframe')
    }

    get frame(): FrameLocator {
        return this.page.frameLocator('belfry-bell > iframe')
    }

    get bell(): Locator {
        return this.frame.locator('#bell')
    }

    get panel(): Locator {
        return this.frame.locator('#panel')
    }
}
