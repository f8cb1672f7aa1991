### What happened to a conversation. API clients know the English wording.

## The status.

reopened-by-message = Розмову відкрито знову: надійшло нове повідомлення.
reopened-by-snooze = Розмову відкрито знову: її час настав
marked-resolved = { $name }: розмову завершено
resolved = { $name }: розмову завершено
reopened = { $name }: розмову відкрито знову
pending = { $name }: розмову позначено як очікувану
snoozed = { $name }: розмову відкладено

## The priority.

priority-changed = { $name }: пріоритет змінено з «{ $former }» на «{ $now }»
priority-set = { $name }: встановлено пріоритет «{ $now }»
priority-removed = { $name }: пріоритет знято
urgent = терміново
high = високий
medium = середній
low = низький

## The assignee and the labels.

self-assigned = { $name } бере розмову собі
unassigned = { $name }: розмова більше нікому не призначена
assigned = { $name }: відповідає тепер { $agent }
labels-added = { $name } додає мітки: { $labels }
labels-removed = { $name } знімає мітки: { $labels }
