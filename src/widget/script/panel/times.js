// How long ago a message came is written by the server, and kept true here for the first week; exactly when, and dates, are
// put into the reader's own language and time zone, which the server does not know.
const { dataset, lang } = document.documentElement
const texts = JSON.parse(dataset.texts || '{}')
const minute = 60, hour = 3600, day = 86400
// The reader's clock may be wrong, so that only its difference from the server's is used.
const ahead = Date.now() - dataset.now
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

const relative = (then, now) => {
    const seconds = Math.max(0, (now - then) / 1e3)
    const count = (key, unit) => texts[key].replace('{count}', Math.floor(seconds / unit))
    if (seconds < minute) return texts.just_now
    if (seconds < hour) return count('minutes', minute)
    if (seconds < day) return count('hours', hour)
    if (seconds < 2 * day) return texts.yesterday
    if (seconds < 7 * day) return count('days', day)
    return (then.getFullYear() == now.getFullYear() ? short : withYear).format(then)
}

const refresh = () => {
    const now = new Date(Date.now() - ahead)
    for (const time of document.querySelectorAll('#list time')) {
        const then = new Date(time.dateTime)
        const text = relative(then, now)
        const words = time.firstChild
        if (words.data != text) words.data = text
        const whole = exact.format(then)
        if (time.title == whole) continue
        time.title = whole
        time.lastElementChild.textContent = ', ' + whole
    }
}

if (dataset.now) {
    // The server's words are true for now: the bell and the list are drawn first.
    const idle = window.requestIdleCallback || (call => setTimeout(call, 200))
    idle(refresh, { timeout: 500 })
    setInterval(refresh, 30e3)
    new MutationObserver(refresh).observe(document.getElementById('list'), { childList: true })
    document.addEventListener('visibilitychange', refresh)
}
