### What happened to a conversation. API clients know the English wording.

## The status.

reopened-by-message = System reopened the conversation due to a new incoming message.
reopened-by-snooze = Conversation was reopened: it was snoozed until now
marked-resolved = Conversation was marked resolved by { $name }
resolved = Conversation was resolved by { $name }
reopened = Conversation was reopened by { $name }
pending = Conversation was marked as pending by { $name }
snoozed = Conversation was snoozed by { $name }

## The priority.

priority-changed = { $name } changed the priority from { $former } to { $now }
priority-set = { $name } set the priority to { $now }
priority-removed = { $name } removed the priority
urgent = urgent
high = high
medium = medium
low = low

## The assignee and the labels.

self-assigned = { $name } self-assigned this conversation
unassigned = Conversation unassigned by { $name }
assigned = Assigned to { $agent } by { $name }
labels-added = { $name } added { $labels }
labels-removed = { $name } removed { $labels }
