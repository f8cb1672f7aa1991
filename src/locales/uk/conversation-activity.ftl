# Рядки про події розмови.
reopened-by-message = Розмову відкрито знову: надійшло нове повідомлення.
snooze-ended = Розмову відкрито знову: її час настав
marked-resolved = { $name }: розмову завершено
resolved = { $name }: розмову завершено
reopened = { $name }: розмову відкрито знову
marked-pending = { $name }: розмову позначено як очікувану
snoozed = { $name }: розмову відкладено
priority-changed = { $name }: пріоритет змінено з «{ $former }» на «{ $now }»
priority-set = { $name }: встановлено пріоритет «{ $now }»
priority-removed = { $name }: пріоритет знято
self-assigned = { $name } бере розмову собі
unassigned = { $name }: розмова більше нікому не призначена
assigned = { $name }: відповідає тепер { $agent }
labels-added = { $name } додає мітки: { $labels }
labels-removed = { $name } знімає мітки: { $labels }
