// Renders messages and files. User text becomes text nodes only; no HTML is built from strings
// here.

const make = (name, ...children) => {
  const element = document.createElement(name);
  element.append(...children);
  return element;
};

function link(href, text) {
  let url;
  try {
    url = new URL(href);
  } catch {
    return text;
  }
  if (!['http:', 'https:'].includes(url.protocol)) return text;
  return Object.assign(make('a', text), { href: url.href, target: '_blank', rel: 'noopener nofollow' });
}

// Each part is bounded, so that no input takes long to match.
const ADDRESS = /https?:\/\/[^\s<>"]{0,1000}[^\s<>".,:;!?)\]'*_]/;
const INLINE = new RegExp(`\\*\\*(?=\\S)([^\\n]{1,1000}?)(?<=\\S)\\*\\*|\\*(?=\\S)([^*\\n]{1,1000}?)(?<=\\S)\\*|\`([^\`\\n]{1,1000})\`|\\[([^\\]\\n]{1,300})\\]\\(([^)\\s]{1,1000})\\)|(${ADDRESS.source})`, 'g');

/** Splits a line into matches and the text between them. */
function pieces(text, pattern, draw) {
  const parts = [];
  let done = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(done, match.index), draw(match));
    done = match.index + match[0].length;
  }
  parts.push(text.slice(done));
  return parts;
}

const inline = (text) => pieces(text, INLINE, ([, bold, italic, code, label, href, address]) => {
  if (bold) return make('b', ...inline(bold));
  if (italic) return make('i', ...inline(italic));
  if (code) return make('code', code);
  return href ? link(href, label) : link(address, address);
});

/** Plain text with its URLs as links. */
export function plain(text) {
  const paragraph = make('p', ...pieces(text, new RegExp(ADDRESS, 'g'), ([address]) => link(address, address)));
  paragraph.dir = 'auto';
  return paragraph;
}

/** The Markdown that agents use in a chat: bold, italic, code, links and lists. */
export function rich(text) {
  const blocks = [];
  for (const block of text.split(/\n{2,}/)) {
    const lines = block.split('\n');
    const mark = [/^[-*] +/, /^\d+[.)] +/].find((mark) => lines.every((line) => mark.test(line)));
    if (mark) blocks.push(make(mark.source.startsWith('^[') ? 'ul' : 'ol', ...lines.map((line) => make('li', ...inline(line.replace(mark, ''))))));
    else blocks.push(make('p', ...inline(block)));
  }
  for (const block of blocks) block.dir = 'auto';
  return make('div', ...blocks);
}

const size = (bytes) => (bytes < 1_000 ? `${bytes} B` : bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`);

function named(name, bytes) {
  return [make('bdi', name), make('small', size(bytes))];
}

/** A file being sent. */
export const pending = (file) => Object.assign(make('li', make('span', ...named(file.name, file.size))));

/** A file of a message. Its name is the end of its URL. */
export function fileItem(file, base) {
  if (!file.data_url) return make('li', file.fallback_title || 'An attachment');
  const url = new URL(file.data_url, base);
  let name = url.pathname.split('/').pop();
  try {
    name = decodeURIComponent(name);
  } catch {
    // A malformed name is shown without decoding.
  }
  if (!['http:', 'https:'].includes(url.protocol)) return make('li', name);
  const open = Object.assign(make('a'), { href: url.href, target: '_blank', rel: 'noopener noreferrer' });
  if (file.file_type === 'image' && file.thumb_url) {
    const [width, height] = [file.width || 240, file.height || 200];
    const scale = Math.min(1, 240 / width, 200 / height);
    const picture = Object.assign(new Image(Math.max(1, width * scale), Math.max(1, height * scale)), { src: file.thumb_url, alt: name });
    open.className = 'chat-picture';
    open.append(picture);
  } else {
    open.append(...named(name, file.file_size ?? 0));
  }
  return make('li', open);
}
