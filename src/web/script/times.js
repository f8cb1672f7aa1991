// Shows a thread's days and times in the given or the browser's time zone, and groups consecutive
// messages of one sender. Called by the console's conversations and the window of the Inbox SDK, with
// the language and the words for today and yesterday.
const threadTimes = ({ lang, today, yesterday, zone }) => {
    let timeZone = zone;
    // The server may know a zone that this browser does not.
    try {
        new Intl.DateTimeFormat(lang, { timeZone });
    } catch {
        timeZone = undefined;
    }
    const days = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    const sameDay = (one, other) => days.format(one) === days.format(other);
    const nameDay = (date) => {
        const now = new Date();
        if (sameDay(date, now)) return today;
        // By the calendar, since days can have 23 or 25 hours.
        const noon = new Date(`${days.format(now)}T12:00Z`);
        if (days.format(date) === new Date(noon - 86400000).toISOString().slice(0, 10)) return yesterday;
        const year = days.format(date).slice(0, 4) === days.format(now).slice(0, 4) ? undefined : 'numeric';
        return date.toLocaleDateString(lang, { day: 'numeric', month: 'long', year, timeZone });
    };
    const setTimes = (root) => {
        for (const time of root.querySelectorAll('time')) {
            const date = new Date(time.dateTime);
            time.title = date.toLocaleString(lang, { timeZone });
            if (time.dataset.clock !== undefined) time.textContent = date.toLocaleTimeString(lang, { hour: '2-digit', minute: '2-digit', timeZone });
        }
    };
    // `before` is the previous message.
    const BREATH = 5 * 60 * 1000;
    const dateOf = (item) => new Date(item.querySelector('time').dateTime);
    const goesOn = (item, before) =>
        item.dataset.from !== undefined && before?.dataset.from === item.dataset.from && before.className.split(' ')[1] === item.className.split(' ')[1] &&
        sameDay(dateOf(before), dateOf(item)) && dateOf(item) - dateOf(before) < BREATH;
    const setDays = (list) => {
        if (!list) return;
        for (const day of list.querySelectorAll('.day')) day.remove();
        let last;
        for (const item of list.querySelectorAll('li[data-key]')) {
            item.classList.toggle('goes-on', goesOn(item, last));
            const date = dateOf(item);
            const isSame = last && sameDay(dateOf(last), date);
            last = item;
            if (isSame) continue;
            const day = document.createElement('li');
            day.className = 'day';
            day.append(Object.assign(document.createElement('span'), { textContent: nameDay(date) }));
            item.before(day);
        }
    };
    return { setTimes, setDays };
};
