// The back office: three lists from the Inbox SDK at the side, and the window of a conversation
// beside them.
'use strict';

const office = document.getElementById('office');
const words = JSON.parse(office.dataset.words);
const { agent, language } = office.dataset;
const NAMES = ['new', 'mine', 'watched'];
const byId = (id) => document.getElementById(id);
const [trouble, opening, choose, bar] = [byId('trouble'), byId('opening'), byId('choose'), document.querySelector('.bar')];

let inbox;
/** The latest state of each conversation, from whichever list reported it last. */
const known = new Map();
const lists = Object.fromEntries(NAMES.map((name) => [name, new Map()]));
/** Id of the open conversation, which is also in the URL. */
let current = '';

// Error messages for people.
const PROBLEMS = {
  invalid_address: 'address', unknown_channel: 'channel', not_initiateable: 'channel', rate_limited: 'rate', too_many_messages: 'rate',
  connection_lost: 'lost', timeout: 'unreachable', unreachable: 'unreachable', not_found: 'gone', invalid_token: 'token', invalid_scope: 'token',
  unauthorized: 'signed_out', token_expired: 'signed_out', disconnected: 'signed_out',
};
const problem = ({ reason }) => words[`error_${PROBLEMS[reason] || 'other'}`];

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
const nameOf = ({ contact }) => contact?.name || contact?.address || words.nobody;
const moment = ({ last_message_date: last, inserted_at: begun }) => new Date(last || begun);
const activity = (conversation) => moment(conversation).getTime();

function timeOf(conversation) {
  const when = moment(conversation);
  const today = when.toDateString() === new Date().toDateString();
  const made = element('time', '', when.toLocaleString(language, today ? { timeStyle: 'short' } : { day: 'numeric', month: 'short' }));
  made.dateTime = when.toISOString();
  return made;
}

/** Reuses the buttons of a row while it changes, so that keyboard focus is kept. */
function makeRow(id, name) {
  const item = element('li');
  item.dataset.id = id;
  const open = element('button', 'row');
  open.type = 'button';
  open.addEventListener('click', () => go(id));
  item.append(open);
  if (name === 'new') {
    const take = element('button', 'plain take', words.take);
    take.type = 'button';
    take.addEventListener('click', () => act(take, () => known.get(id).assign()));
    item.append(take);
  }
  return item;
}

function fillRow(item, conversation) {
  const { unread_message_count: unread, last_message: last } = conversation;
  const name = nameOf(conversation);
  // User text may have the other direction; keep it on this side.
  const who = element('span', 'name');
  who.append(element('bdi', '', name));
  const said = element('span', 'last');
  said.append(element('bdi', '', last || words.no_message));
  const face = element('span', 'face', [...name][0]?.toLocaleUpperCase(language));
  face.setAttribute('aria-hidden', 'true');
  const parts = [face, who, timeOf(conversation), said];
  if (unread > 0) {
    const pill = element('span', 'pill', unread > 99 ? '99+' : unread);
    pill.dir = 'ltr';
    pill.append(element('span', 'aside', ` ${words.unread}`));
    parts.push(pill);
  }
  const [open, take] = item.children;
  open.replaceChildren(...parts);
  take?.setAttribute('aria-label', `${words.take}: ${name}`);
  item.classList.toggle('unread', unread > 0);
  item.classList.toggle('current', conversation.id === current);
  if (conversation.id === current) open.setAttribute('aria-current', 'true');
  else open.removeAttribute('aria-current');
}

const rows = new Map();

function show(name) {
  const section = document.querySelector(`[data-list=${name}]`);
  const held = section.querySelector('.rows');
  const sorted = [...lists[name].values()].sort((one, other) => activity(other) - activity(one));
  const focused = held.contains(document.activeElement) ? document.activeElement : undefined;
  for (const row of [...held.children]) if (!lists[name].has(row.dataset.id)) row.remove();
  sorted.forEach((conversation, index) => {
    const key = `${name} ${conversation.id}`;
    if (!rows.has(key)) rows.set(key, makeRow(conversation.id, name));
    const row = rows.get(key);
    fillRow(row, conversation);
    if (held.children[index] !== row) held.insertBefore(row, held.children[index] || null);
  });
  for (const key of rows.keys()) if (key.startsWith(`${name} `) && !lists[name].has(key.slice(name.length + 1))) rows.delete(key);
  if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
  held.removeAttribute('aria-busy');
  const count = section.querySelector('.count');
  count.textContent = count.dataset.count = sorted.length;
  section.querySelector('.empty').hidden = sorted.length > 0;
  if (name === 'new') document.title = `${sorted.length ? `(${sorted.length}) ` : ''}${words.title} · Acme`;
}

function note(conversation) {
  known.set(conversation.id, conversation);
  for (const name of NAMES) if (lists[name].has(conversation.id)) lists[name].set(conversation.id, conversation);
  if (conversation.id === current) showBar();
}

function listen(name) {
  const change = (conversation) => {
    lists[name].set(conversation.id, conversation);
    note(conversation);
    show(name);
  };
  inbox[name].subscribe({
    onSync(conversations) {
      lists[name] = new Map(conversations.map((conversation) => [conversation.id, conversation]));
      conversations.forEach(note);
      show(name);
    },
    onNew(conversation) {
      change(conversation);
      rows.get(`${name} ${conversation.id}`).classList.add('arrived');
      if (name === 'new') byId('said').textContent = `${words.arrived} ${nameOf(conversation)}`;
    },
    onUpdate: change,
    onRemove(conversation) {
      lists[name].delete(conversation.id);
      show(name);
    },
  });
}

// The window

function showBar() {
  const conversation = known.get(current);
  bar.hidden = !current;
  byId('who').textContent = conversation ? nameOf(conversation) : '';
  for (const button of bar.querySelectorAll('[data-act]')) {
    button.hidden = !conversation;
    if (!conversation) continue;
    const isMine = conversation.assignee?.externalId === inbox.user.externalId;
    const [yes, no] = { watch: [words.watch, words.unwatch], assign: [words.take, words.give_back], close: [words.close, words.reopen] }[button.dataset.act];
    const isOn = { watch: conversation.watched, assign: isMine, close: conversation.status === 'closed' }[button.dataset.act];
    button.textContent = isOn ? no : yes;
  }
}

async function act(button, work) {
  button.disabled = true;
  try {
    const changed = await work();
    if (changed) note(changed);
  } catch (error) {
    toast(problem(error));
  }
  button.disabled = false;
}

/** Shows an error for some seconds and keeps the conversation visible. */
function toast(text) {
  byId('toast').textContent = text;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { byId('toast').textContent = ''; }, 8000);
}

/** Shows an error in place of the conversation. */
function fail(text, again) {
  trouble.hidden = false;
  trouble.querySelector('p').textContent = text;
  trouble.querySelector('button').onclick = again;
  office.classList.add('open');
}

async function open(id) {
  current = id;
  office.classList.toggle('open', Boolean(id));
  trouble.hidden = true;
  choose.hidden = Boolean(id);
  opening.hidden = !id;
  showBar();
  NAMES.forEach(show);
  if (!id) return shown?.close();
  byId('who').focus({ preventScroll: true });
  try {
    const opened = await inbox.open(known.get(id) || id);
    if (current === id) shown = opened;
  } catch (error) {
    if (current === id) fail(problem(error), () => open(id));
  }
  if (current === id) opening.hidden = true;
}
let shown;

function go(id) {
  if (id === current && trouble.hidden) return shown?.focus();
  if (id !== current) history.pushState(null, '', id ? `#${id}` : location.pathname + location.search);
  open(id);
}
const inAddress = () => decodeURIComponent(location.hash.slice(1));
addEventListener('popstate', () => inbox && inAddress() !== current && open(inAddress()));
byId('back').addEventListener('click', () => {
  const id = current;
  go('');
  document.querySelector(`[data-id="${CSS.escape(id)}"] .row`)?.focus();
});
bar.addEventListener('click', ({ target }) => {
  const conversation = known.get(current);
  if (!conversation || !target.dataset.act) return;
  const isMine = conversation.assignee?.externalId === inbox.user.externalId;
  const work = {
    watch: () => conversation.watch(!conversation.watched),
    assign: () => conversation.assign(!isMine),
    close: () => (conversation.status === 'closed' ? conversation.reopen() : conversation.close()),
  };
  act(target, work[target.dataset.act]);
});

// Starting a conversation

const starting = byId('starting');
let channels = [];
byId('start').addEventListener('click', async () => {
  byId('starting-problem').textContent = '';
  byId('channel').replaceChildren();
  starting.querySelector('[value=start]').disabled = true;
  starting.showModal();
  try {
    channels = await inbox.listInitiateableChannels();
    byId('channel').replaceChildren(...channels.map(({ id, type, name }) => new Option(`${name} (${type})`, id)));
    starting.querySelector('[value=start]').disabled = channels.length === 0;
    if (!channels.length) byId('starting-problem').textContent = words.no_channels;
    else byId('address').focus();
  } catch (error) {
    byId('starting-problem').textContent = problem(error);
  }
});
starting.querySelector('[value=cancel]').addEventListener('click', () => starting.close());
starting.querySelector('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = starting.querySelector('[value=start]');
  button.disabled = true;
  byId('starting-problem').textContent = '';
  try {
    const conversation = await inbox.startConversation(channels.find(({ id }) => id === byId('channel').value), byId('address').value);
    note(conversation);
    starting.close();
    byId('address').value = '';
    go(conversation.id);
  } catch (error) {
    byId('starting-problem').textContent = problem(error);
    byId('address').focus();
  }
  button.disabled = false;
});

// Initialization

function showState(state) {
  byId('state').dataset.state = state;
  byId('state').textContent = words[state];
}
async function token() {
  const answer = await fetch(`/${agent}/token`, { cache: 'no-store' });
  if (answer.status === 401) return '';
  if (!answer.ok) throw new Error(answer.status);
  return answer.text();
}
async function begin() {
  trouble.hidden = true;
  office.classList.remove('open');
  showState('connecting');
  if (!window.InboxSDK) {
    showState('closed');
    return fail(words.error_script, () => location.reload());
  }
  try {
    const jwt = await token();
    if (!jwt) return location.assign('/');
    inbox = await window.InboxSDK.authenticate(jwt, {
      iframeParent: byId('window'),
      languageCode: language,
      onTokenExpired: token,
      onStateChange: (state, reason) => {
        showState(state);
        if (state === 'closed' && reason !== 'disconnected' && inbox) fail(problem({ reason }), () => location.reload());
      },
    });
  } catch (error) {
    showState('closed');
    return fail(error.reason ? problem(error) : words.error_unreachable, begin);
  }
  byId('start').disabled = false;
  NAMES.forEach(listen);
  if (inAddress()) open(inAddress());
}
byId('sign-out').addEventListener('submit', () => inbox?.disconnect());
begin();
