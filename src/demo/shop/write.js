// "Write to us": the customer's side of a conversation, with Belfry's public client API and /cable,
// without a library.
import { chosenFiles } from './write-files.js';
import { fileItem, pending, rich, plain } from './write-show.js';

const chat = document.getElementById('chat');
const list = document.getElementById('chat-messages');
const log = list.parentElement;
const state = document.getElementById('chat-state');
const form = document.getElementById('chat-form');
const text = document.getElementById('chat-text');
const problemLine = document.getElementById('chat-problem');
const who = chat.dataset;

// A guest is identified by a session stored in this browser. A signed-in customer is verified by
// the shop on every visit, so that session lasts only as long as the tab.
const store = who.identifier ? sessionStorage : localStorage;
const place = `write:${who.identifier ?? 'guest'}`;

const OUTGOING = [1, 3];
const shown = new Map();
let contact, conversation, agent = '', typing = false;

/** An error response, with the server's message. */
class Refused extends Error {}

async function call(path, body) {
  const request = body && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  // The browser sets the content type of a form with files.
  if (body instanceof FormData) Object.assign(request, { headers: {}, body });
  const answer = await fetch(who.inbox + path, request);
  const answered = await answer.text();
  if (!answer.ok) {
    const said = answered.startsWith('{') ? JSON.parse(answered) : {};
    throw new (answer.status === 422 || answer.status === 413 ? Refused : Error)(said.message ?? said.error ?? `It answered ${answer.status}.`);
  }
  return answered ? JSON.parse(answered) : undefined;
}

const at = (rest = '') => `/contacts/${contact.source_id}/conversations${conversation ? `/${conversation.id}` : ''}${rest}`;

// --- Rendering

/** Automatic replies of the inbox: a greeting, or that no agent is available. */
const isAutomatic = (message) => message.message_type === 3 && !message.sender;

function show(message, { sending = false, files = [] } = {}) {
  const ours = OUTGOING.includes(message.message_type);
  const isRead = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  let item = shown.get(message.id) ?? shown.get(message.echo_id);
  const isNew = !item;
  if (!item) {
    item = document.createElement('li');
    item.className = ours ? 'theirs' : 'mine';
    item.classList.toggle('automatic', isAutomatic(message));
    // Messages are ordered by id; one that is being sent has no id yet and is the last.
    const later = sending ? undefined : [...list.children].find((other) => !other.dataset.id || Number(other.dataset.id) > message.id);
    list.insertBefore(item, later ?? null);
  }
  const parts = [];
  const name = isAutomatic(message) ? 'Automatic message' : message.sender?.name ?? 'Acme Shop';
  if (ours) parts.push(Object.assign(document.createElement('strong'), { textContent: name, dir: 'auto' }));
  // Agents write Markdown; the customer's text is shown as it is.
  if (message.content) parts.push(ours ? rich(message.content) : plain(message.content));
  const attached = sending ? files.map(pending) : (message.attachments ?? []).map((file) => fileItem(file, who.inbox));
  if (attached.length) {
    const attachments = Object.assign(document.createElement('ul'), { className: 'chat-attached' });
    attachments.append(...attached);
    parts.push(attachments);
  }
  if (!sending) parts.push(moment(message.created_at));
  item.replaceChildren(...parts);
  item.classList.toggle('sending', sending);
  item.classList.remove('failed');
  if (message.echo_id) shown.set(message.echo_id, item);
  if (!sending) {
    item.dataset.id = message.id;
    shown.set(message.id, item);
  }
  // Do not scroll away from earlier messages that the customer is reading.
  if (isRead || (isNew && !ours)) log.scrollTop = log.scrollHeight;
}

function moment(seconds) {
  const date = new Date(seconds * 1_000);
  const clock = { hour: '2-digit', minute: '2-digit' };
  const isToday = date.toDateString() === new Date().toDateString();
  const text = date.toLocaleString('en', isToday ? clock : { day: 'numeric', month: 'short', ...clock });
  return Object.assign(document.createElement('time'), { dateTime: date.toISOString(), textContent: text, title: date.toLocaleString('en') });
}

function tellState(connected) {
  if (!connected) state.textContent = 'Connecting…';
  else state.textContent = agent ? `${agent} is typing…` : '';
}

// --- Messages

let signingIn;
/** Identifies the customer once. Calls that are made meanwhile wait for the same response. */
function signIn() {
  signingIn ??= identify().catch((error) => {
    signingIn = undefined;
    throw error;
  });
  return signingIn;
}

async function identify() {
  const kept = store.getItem(place);
  const { identifier, hash, name, email } = who;
  contact = await call('/contacts', { source_id: kept ?? undefined, identifier, identifier_hash: hash, name, email });
  store.setItem(place, contact.source_id);
}

/** Loads the messages after the last one shown, or the newest messages. */
async function catchUp() {
  if (!conversation) {
    const all = await call(at());
    // Meanwhile a message may have opened one.
    conversation ??= all.sort((one, other) => other.id - one.id)[0];
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

let opening;
/** Opens a conversation unless there is one. Messages that are sent at once share it. */
async function open() {
  opening ??= conversation ? undefined : call(at(), {}).finally(() => (opening = undefined));
  conversation ??= await opening;
}

async function send(content, files, echo_id) {
  show({ content, echo_id, message_type: 0 }, { sending: true, files });
  try {
    await signIn();
    listen();
    await open();
    let body = { content, echo_id };
    if (files.length) {
      body = new FormData();
      if (content) body.set('content', content);
      body.set('echo_id', echo_id);
      for (const file of files) body.append('attachments[]', file, file.name);
    }
    show({ ...await call(at('/messages'), body), echo_id });
  } catch (error) {
    const item = shown.get(echo_id);
    const why = error instanceof Refused ? `Not sent: ${error.message}` : 'Not sent.';
    const again = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Try again' });
    again.addEventListener('click', () => send(content, files, echo_id));
    const line = Object.assign(document.createElement('p'), { className: 'not-sent', textContent: `${why} ` });
    line.append(again);
    item.append(line);
    item.classList.replace('sending', 'failed');
    log.scrollTop = log.scrollHeight;
  }
}

const chosen = chosenFiles(form, (problem) => (problemLine.textContent = problem));

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const content = text.value.trim();
  const files = chosen.take();
  if (!content && !files.length) return;
  text.value = '';
  problemLine.textContent = '';
  stopTyping();
  send(content, files, crypto.randomUUID());
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

// --- Real-time updates. After any disconnect a new connection is opened and missed messages are
// loaded.

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
    // A ping arrives every three seconds.
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
      // Subscribe before loading, so that no message is missed in between.
      catchUp().then(() => tellState(true), lost);
    } else if (frame.type === 'disconnect') {
      lost();
    } else if (!frame.type && frame.message) {
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

// A returning or signed-in customer sees the conversation. A guest who only reads creates no
// contact.
if (who.identifier || store.getItem(place)) {
  tellState(false);
  const begin = () => signIn().then(listen, () => setTimeout(begin, 3_000));
  begin();
}
