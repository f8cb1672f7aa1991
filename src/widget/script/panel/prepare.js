// Whoever points at the bell, or has it in focus, is about to press it: its panel is laid out, unseen, before it is shown. Nothing but
// the bell can be pointed at while the panel is closed.
const panel = document.getElementById('panel')

const prepare = () => {
    if (!panel?.hidden) return
    // The frame's script takes this away when it shows the panel.
    panel.style.visibility = 'hidden'
    // What is not to be seen can't be reached either; both are inherited, and so are better said before the press.
    panel.hidden = panel.inert = false
}

document.addEventListener('pointerover', prepare)
document.addEventListener('focusin', prepare)
