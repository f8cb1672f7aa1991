// Lists the files chosen or pasted for the next message, and lets the user remove them. Without
// this script
// the browser's own file field shows them. Called by the console's conversations and the window of
// the Inbox SDK.
const listFiles = (chooser, list) => {
    let files = [];
    const draw = () => {
        const data = new DataTransfer();
        for (const file of files) data.items.add(file);
        chooser.files = data.files;
        list.hidden = !files.length;
        list.replaceChildren(
            ...files.map((file, index) => {
                const item = document.createElement('li');
                const name = document.createElement('bdi');
                name.textContent = file.name;
                const remove = document.createElement('button');
                remove.type = 'button';
                remove.textContent = '×';
                remove.ariaLabel = chooser.dataset.remove.replace('{name}', () => file.name);
                remove.addEventListener('click', () => {
                    files.splice(index, 1);
                    draw();
                    (list.querySelector('button') ?? chooser).focus();
                });
                item.append(name, remove);
                return item;
            }),
        );
    };
    // A further choice adds to the first; an emptied field means that the form was sent.
    chooser.addEventListener('change', () => {
        files = chooser.files.length ? [...files, ...chooser.files] : [];
        draw();
    });
    chooser.form.addEventListener('paste', (event) => {
        if (!event.clipboardData.files.length) return;
        event.preventDefault();
        files = [...files, ...event.clipboardData.files];
        draw();
    });
    chooser.form.classList.add('lists-files');
};
