// Lets a person point at the place for the bell: what the pointer is over is framed, and pressing it gives a selector.
//
// Runs in two places, so it needs nothing but a document: in a sandboxed copy of a page that was pasted into the console, and, as a
// bookmarklet, in the page itself. It changes nothing there and takes everything of its own away again.
// The server makes it the body of a function with the parameter `texts`, in the language of the account.
(() => {
  const HOST = "belfry-picker";
  document.querySelector(HOST)?.remove();

  // Generated class names change with the next build.
  const isSteady = (name) => /^[A-Za-z][\w-]*$/.test(name) && !/\d{3,}|^(css|sc|jsx|svelte|ng|_)-|[_-](?=\w*\d)\w{5,}$/.test(name);
  const isOnly = (root, selector, element) => {
    const matches = root.querySelectorAll(selector);
    return matches.length === 1 && matches[0] === element;
  };

  const nth = (element) => {
    const tag = element.localName;
    const alike = [...(element.parentNode?.children ?? [])].filter((other) => other.localName === tag);
    return alike.length > 1 ? `${CSS.escape(tag)}:nth-of-type(${alike.indexOf(element) + 1})` : CSS.escape(tag);
  };

  // The most stable selectors of an element, best first.
  const words = function* (element) {
    const tag = CSS.escape(element.localName);
    if (element.id && isSteady(element.id)) yield `#${CSS.escape(element.id)}`;
    for (const name of ["data-testid", "data-test", "data-qa", "aria-label", "role", "name"]) {
      const value = element.getAttribute(name);
      if (value && value.length < 60) yield `${tag}[${name}="${CSS.escape(value)}"]`;
    }
    if (["header", "nav", "main", "footer", "body"].includes(element.localName)) yield tag;
    const classes = [...element.classList].filter(isSteady).map((name) => `.${CSS.escape(name)}`);
    for (const name of classes) yield name;
    if (classes.length > 1) yield classes.slice(0, 3).join("");
  };

  const within = (root, element) => {
    let below = "";
    for (let here = element; here && here.nodeType === 1; here = here.parentElement) {
      for (const word of words(here)) {
        if (isOnly(root, word + below, element)) return word + below;
      }
      below = ` > ${nth(here)}${below}`;
      if (isOnly(root, below.slice(3), element)) return below.slice(3);
    }
    return below.slice(3);
  };

  // `>>>` enters the shadow root of the element before it.
  const selectorOf = (element) => {
    const root = element.getRootNode();
    const own = within(root, element);
    return root.host ? `${selectorOf(root.host)} >>> ${own}` : own;
  };

  const host = document.createElement(HOST);
  const shadow = host.attachShadow({ mode: "closed" });
  host.style.cssText = "all:initial;position:fixed;inset:0;z-index:2147483647;pointer-events:none";
  const frame = document.createElement("div");
  frame.style.cssText =
    "position:fixed;border:2px solid #4f46e5;border-radius:4px;background:rgb(79 70 229 / .12);pointer-events:none;display:none;box-sizing:border-box";
  const label = document.createElement("div");
  label.style.cssText =
    "position:fixed;inset-block-end:16px;inset-inline:0;margin-inline:auto;inline-size:fit-content;max-inline-size:90vw;padding:8px 14px;border-radius:8px;background:#1e1b4b;" +
    "color:#fff;font:13px/20px ui-monospace,monospace;overflow-wrap:anywhere;box-shadow:0 4px 24px rgb(0 0 0 / .3)";
  label.setAttribute("role", "status");
  const script = document.currentScript;
  label.textContent = texts.hint;
  shadow.append(frame, label);
  document.documentElement.append(host);

  const target = (event) => event.composedPath().find((node) => node.nodeType === 1 && node !== host);
  const move = (event) => {
    const element = target(event);
    if (!element || element === document.documentElement) return;
    const { left, top, width, height } = element.getBoundingClientRect();
    Object.assign(frame.style, { display: "block", left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    label.textContent = selectorOf(element);
  };

  const events = { pointermove: move, pointerdown: stop, mousedown: stop, pointerup: stop, mouseup: stop, click: press, keydown: leave };
  function stop(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  function press(event) {
    stop(event);
    const element = target(event);
    if (!element) return;
    const selector = selectorOf(element);
    if (window.parent !== window && script?.dataset.inside !== undefined) {
      // This copy has an opaque origin; the console identifies it by its window.
      window.parent.postMessage({ belfry: "picked", selector }, script.dataset.inside);
      label.textContent = selector;
      return;
    }
    end();
    const done = () => window.alert(`${texts.copied}: ${selector}`);
    (navigator.clipboard?.writeText(selector) ?? Promise.reject()).then(done, () => window.prompt("", selector));
  }
  function leave(event) {
    if (event.key === "Escape") end();
  }
  function end() {
    for (const [name, listener] of Object.entries(events)) removeEventListener(name, listener, true);
    host.remove();
  }
  for (const [name, listener] of Object.entries(events)) addEventListener(name, listener, true);
})();
