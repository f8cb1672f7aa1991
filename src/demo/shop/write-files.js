// Files for the next message: chosen with the button, dropped on the form, or pasted.

/** `tell` is called with an error message. */
export function chosenFiles(form, tell) {
  const input = form.querySelector('input[type=file]');
  const list = form.querySelector('.chat-chosen');
  const most = { files: Number(input.dataset.files), bytes: Number(input.dataset.bytes) };
  let files = [];

  function draw() {
    list.replaceChildren(...files.map((file, index) => {
      const item = document.createElement('li');
      const name = Object.assign(document.createElement('bdi'), { textContent: file.name });
      const drop = Object.assign(document.createElement('button'), { type: 'button', textContent: '×' });
      drop.setAttribute('aria-label', `Leave out ${file.name}`);
      drop.addEventListener('click', () => {
        files.splice(index, 1);
        draw();
        (list.querySelector('button') ?? input).focus();
      });
      item.append(name, drop);
      return item;
    }));
  }

  function add(more) {
    const all = [...files, ...more];
    if (all.length > most.files) return tell(`At most ${most.files} files go with one message.`);
    if (all.reduce((sum, file) => sum + file.size, 0) > most.bytes) return tell(`The files of one message have at most ${Math.floor(most.bytes / 1_048_576)} MB together.`);
    tell('');
    files = all;
    draw();
  }

  input.addEventListener('change', () => {
    add(input.files);
    // Clearing the field lets the user choose a removed file again.
    input.value = '';
  });
  form.addEventListener('paste', (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    add(event.clipboardData.files);
  });
  form.addEventListener('dragover', (event) => {
    event.preventDefault();
    form.classList.add('over');
  });
  form.addEventListener('dragleave', (event) => form.contains(event.relatedTarget) || form.classList.remove('over'));
  form.addEventListener('drop', (event) => {
    event.preventDefault();
    form.classList.remove('over');
    add(event.dataTransfer.files);
  });
  return {
    /** Returns the files and resets the list. */
    take() {
      const taken = files;
      files = [];
      draw();
      return taken;
    },
  };
}
