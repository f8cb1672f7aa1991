// Attachments of the next message of a conversation.
const chooser = document.querySelector('#talk-composer input[type=file]');
if (chooser) listFiles(chooser, document.getElementById('talk-files'));
