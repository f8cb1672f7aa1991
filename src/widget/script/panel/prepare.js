// Lays the panel out invisibly when the reader points at the bell or focuses it, because a press is
// likely to follow. Nothing but the bell can be pointed at while the panel is closed.
const panel = document.getElementById('panel')

const layOut = () => {
    if (!panel?.hidden) return
    // The frame script removes this when it shows the panel.
    panel.style.visibility = 'hidden'
    // Invisible content cannot be focused either. Both attributes are inherited, so changing them
    // early saves time at the press.
    panel.hidden = panel.inert = false
}

document.addEventListener('pointerover', layOut)
document.addEventListener('focusin', layOut)
