# Activity lines of a conversation. English is as they are stored and as API clients expect them.
reopened-by-message = System reopened the conversation due to a new incoming message.
snooze-ended = Conversation was reopened: it was snoozed until now
marked-resolved = Conversation was marked resolved by { $name }
resolved = Conversation was resolved by { $name }
reopened = Conversation was reopened by { $name }
marked-pending = Conversation was marked as pending by { $name }
snoozed = Conversation was snoozed by { $name }
priority-changed = { $name } changed the priority from { $former } to { $now }
priority-set = { $name } set the priority to { $now }
priority-removed = { $name } removed the priority
self-assigned = { $name } self-assigned this conversation
unassigned = Conversation unassigned by { $name }
assigned = Assigned to { $agent } by { $name }
labels-added = { $name } added { $labels }
labels-removed = { $name } removed { $labels }
