// Relative times are written by the server and kept up to date here for the first week. Exact times
// and dates are formatted in the reader's own language and time zone, which the server does not
// know.
const { dataset, lang } = document.documentElement
const texts = JSON.parse(dataset.texts || '{}')
const minute = 60, hour = 3600, day = 86400
// The reader's clock may be wrong, so only its difference from the server's is used.
const clockOffset = Date.now() - dataset.now
const language = dataset.language || lang
const format = options => {
    try {
        return new Intl.DateTimeFormat(language, options)
    } catch {
        return new Intl.DateTimeFormat(lang, options)
    }
}
const exact = format({ dateStyle: 'long', timeStyle: 'short' })
const short = format({ day: 'numeric', month: 'short' })
const withYear = format({ day: 'numeric', month: 'short', year: 'numeric' })

// The calendar day in the reader's time zone, where a day may have 23 or 25 hours.
const dayOf = date => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 1e3 / day

const relative = (then, now) => {
    const seconds = Math.max(0, (now - then) / 1e3)
    const days = dayOf(now) - dayOf(then)
    const count = (key, number) => texts[key].replace('{count}', Math.floor(number))
    if (seconds < minute) return texts.just_now
    if (seconds < hour) return count('minutes', seconds / minute)
    if (seconds < day || days < 1) return count('hours', seconds / hour)
    if (days < 2) return texts.yesterday
    if (days < 7) return count('days', days)
    return (then.getFullYear() == now.getFullYear() ? short : withYear).format(then)
}

// The last text written. A browser that translates the page replaces it by other elements, which
// stay until the text changes.
const lastWritten = new WeakMap()

const refresh = () => {
    const now = new Date(Date.now() - clockOffset)
    for (const time of document.querySelectorAll('#list time, #talk time')) {
        const then = new Date(time.dateTime)
        const text = relative(then, now)
        const hidden = time.querySelector('.hidden-text')
        if ((lastWritten.get(time) ?? time.firstChild.textContent) != text) time.replaceChildren(text, hidden)
        lastWritten.set(time, text)
        const exactText = exact.format(then)
        if (time.title == exactText) continue
        time.title = exactText
        hidden.textContent = ', ' + exactText
    }
}

if (dataset.now && dataset.texts) {
    // The server's texts are correct for now: the bell and the list are drawn first.
    const idle = window.requestIdleCallback || (call => setTimeout(call, 200))
    idle(refresh, { timeout: 500 })
    setInterval(refresh, 30e3)
    new MutationObserver(refresh).observe(document.getElementById('list'), { childList: true })
    document.addEventListener('visibilitychange', refresh)
}
