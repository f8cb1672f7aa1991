// The shop's script. Signing in, reading and sending also work without it.
'use strict';

const toast = document.getElementById('toast');
let hide;

function tell(text, failed) {
  toast.textContent = text;
  toast.classList.toggle('failed', failed);
  clearTimeout(hide);
  hide = setTimeout(() => { toast.textContent = ''; }, 6000);
}

// Sends "Send me something" without leaving the page, so that the message arrives visibly.
const send = document.getElementById('send');
if (send) {
  send.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = send.querySelector('button');
    button.disabled = true;
    try {
      const response = await fetch(send.action, {
        method: 'POST', headers: { accept: 'application/json' }, body: new URLSearchParams(new FormData(send)),
      });
      const answer = await response.json();
      if (answer.turn !== undefined) send.elements.turn.value = answer.turn;
      tell(answer.text, answer.failed);
    } catch {
      tell('The shop does not answer. Is the demo still running?', true);
    }
    button.disabled = false;
  });
}

// The cart is only a number: nothing is sold here.
for (const form of document.querySelectorAll('form[data-cart]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const count = document.getElementById('cart-count');
    const next = Number(sessionStorage.getItem('cart') || 0) + 1;
    sessionStorage.setItem('cart', next);
    count.textContent = next;
    tell('In your cart. (Nothing is sold here: this shop is a demo.)', false);
  });
}
const kept = sessionStorage.getItem('cart');
if (kept) document.getElementById('cart-count').textContent = kept;

// Signing out of the site also signs out of the inbox.
const leave = document.getElementById('sign-out');
if (leave) leave.addEventListener('submit', () => {
  if (window.eS) window.eS('logout');
  for (const key of Object.keys(sessionStorage)) if (key.startsWith('write:')) sessionStorage.removeItem(key);
});
