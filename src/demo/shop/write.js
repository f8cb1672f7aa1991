// "Write to us": the customer's side of a conversation, on Belfry's public client API and /cable, without a library.
const chat = document.getElementById('chat');
const list = document.getElementById('chat-messages');
const log = list.parentElement;
const state = document.getElementById('chat-state');
const form = document.getElementById('chat-form');
const text = document.getElementById('chat-text');
const who = chat.dataset;

// A guest is known by the session that this browser keeps. Whoever is signed in is proved anew by the shop, so theirs lasts as long as the tab.
const store = who.identifier ? sessionStorage : localStorage;
const place = `write:${who.identifier ?? 'guest'}`;

const OUTGOING = [1, 3];
const shown = new Map();
let contact, conversation, agent = '', typing = false;

async function call(path, body) {
  const request = body && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(who.inbox + path, request);
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  const answered = await answer.text();
  return answered ? JSON.parse(answered) : undefined;
}

const at = (rest = '') => `/contacts/${contact.source_id}/conversations${conversation ? `/${conversation.id}` : ''}${rest}`;

// --- What is shown

function show(message, { sending = false } = {}) {
  const ours = OUTGOING.includes(message.message_type);
  let item = shown.get(message.id) ?? shown.get(message.echo_id);
  if (!item) {
    item = document.createElement('li');
    item.className = ours ? 'theirs' : 'mine';
    // The messages are in the order of their numbers; one that is being sent has none yet, and is the last.
    const later = sending ? undefined : [...list.children].find((other) => !other.dataset.id || Number(other.dataset.id) > message.id);
    list.insertBefore(item, later ?? null);
  }
  const name = ours ? message.sender?.name ?? 'Acme Shop' : '';
  const parts = [];
  if (name) parts.push(Object.assign(document.createElement('strong'), { textContent: name }));
  if (message.content) parts.push(Object.assign(document.createElement('p'), { textContent: message.content }));
  for (const file of message.attachments ?? []) {
    const link = Object.assign(document.createElement('a'), { textContent: 'Attached file', href: file.data_url, target: '_blank', rel: 'noopener' });
    if (/^https?:$/.test(new URL(file.data_url, who.inbox).protocol)) parts.push(link);
  }
  item.replaceChildren(...parts);
  item.classList.toggle('sending', sending);
  if (message.echo_id) shown.set(message.echo_id, item);
  if (!sending) {
    item.dataset.id = message.id;
    shown.set(message.id, item);
  }
  log.scrollTop = log.scrollHeight;
}

function tellState(connected) {
  if (!connected) state.textContent = 'Connecting…';
  else state.textContent = agent ? `${agent} is typing…` : '';
}

// --- Messages

async function signIn() {
  if (contact) return;
  const kept = store.getItem(place);
  const { identifier, hash, name, email } = who;
  contact = await call('/contacts', { source_id: kept ?? undefined, identifier, identifier_hash: hash, name, email });
  store.setItem(place, contact.source_id);
}

/** Shows what was said since the last message that is shown, or the newest messages. */
async function catchUp() {
  if (!conversation) {
    const all = await call(at());
    conversation = all.sort((one, other) => other.id - one.id)[0];
    if (!conversation) return;
  }
  const known = Math.max(0, ...[...list.children].map((item) => Number(item.dataset.id ?? 0)));
  let before = '';
  for (;;) {
    const messages = await call(at(`/messages${before}`));
    for (const message of messages) show(message);
    const first = messages[0]?.id ?? 0;
    if (!known || first <= known || messages.length < 20) break;
    before = `?before=${first}`;
  }
  seen();
}

function seen() {
  if (conversation && document.visibilityState === 'visible') call(at('/update_last_seen'), {}).catch(() => {});
}
document.addEventListener('visibilitychange', seen);

async function send(content, echo_id) {
  const message = { content, echo_id, message_type: 0 };
  show(message, { sending: true });
  try {
    await signIn();
    listen();
    conversation ??= await call(at(), {});
    show({ ...await call(at('/messages'), { content, echo_id }), echo_id });
  } catch {
    const item = shown.get(echo_id);
    const again = Object.assign(document.createElement('button'), { type: 'button', className: 'quiet', textContent: 'Not sent. Try again' });
    again.addEventListener('click', () => send(content, echo_id));
    item.append(again);
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const content = text.value.trim();
  if (!content) return;
  text.value = '';
  stopTyping();
  send(content, crypto.randomUUID());
});
text.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

// --- Typing

let idle;
const tellTyping = (typing_status) => conversation && call(at('/toggle_typing'), { typing_status }).catch(() => {});
function stopTyping() {
  clearTimeout(idle);
  if (typing) tellTyping('off');
  typing = false;
}
text.addEventListener('input', () => {
  if (!typing) tellTyping('on');
  typing = true;
  clearTimeout(idle);
  idle = setTimeout(stopTyping, 4_000);
});

// --- Live. Whatever ends the connection, another one is made, and what came meanwhile is asked for.

let socket, failures = 0, wait;
function listen() {
  if (socket || !contact) return;
  clearTimeout(wait);
  const opened = socket = new WebSocket(who.cable);
  const identifier = JSON.stringify({ channel: 'RoomChannel', pubsub_token: contact.pubsub_token });
  const command = (command, data) => opened.send(JSON.stringify({ command, identifier, data }));
  let stale, presence;
  const alive = () => {
    clearTimeout(stale);
    // A ping comes every three seconds.
    stale = setTimeout(lost, 8_000);
  };
  function lost() {
    if (socket !== opened) return;
    socket = undefined;
    clearTimeout(stale);
    clearInterval(presence);
    opened.close();
    tellState(false);
    failures += 1;
    wait = setTimeout(listen, Math.min(15_000, 500 * 2 ** failures) * (0.5 + Math.random() / 2));
  }
  alive();
  opened.addEventListener('open', () => command('subscribe'));
  opened.addEventListener('close', lost);
  opened.addEventListener('message', ({ data }) => {
    alive();
    const frame = JSON.parse(data);
    if (frame.type === 'confirm_subscription') {
      failures = 0;
      agent = '';
      presence = setInterval(() => command('message', JSON.stringify({ action: 'update_presence' })), 30_000);
      // Subscribed first, asked then: between the two nothing can be missed.
      catchUp().then(() => tellState(true), lost);
    } else if (frame.type === 'disconnect') {
      lost();
    } else if (frame.message) {
      hear(frame.message);
    }
  });
}
window.addEventListener('online', () => { failures = 0; listen(); });

function hear({ event, data }) {
  const number = event.startsWith('message.') ? data.conversation_id : data.conversation?.id ?? data.id;
  if (!conversation || number !== conversation.id) return;
  if (event === 'message.created' || event === 'message.updated') {
    show(data);
    if (OUTGOING.includes(data.message_type)) {
      agent = '';
      tellState(true);
      if (event === 'message.created') seen();
    }
  } else if (event === 'conversation.typing_on' || event === 'conversation.typing_off') {
    agent = event.endsWith('on') ? data.user?.name ?? 'Somebody' : '';
    tellState(true);
  }
}

// Whoever has written before, or is signed in, finds what was said. A guest who only looks is nobody's contact.
if (who.identifier || store.getItem(place)) {
  tellState(false);
  const begin = () => signIn().then(listen, () => setTimeout(begin, 3_000));
  begin();
}
