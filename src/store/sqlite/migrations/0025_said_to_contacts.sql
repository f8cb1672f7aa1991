-- What was said to the contact of a conversation, which decides whether a message is answered by itself.
ALTER TABLE conversation ADD COLUMN said_by_agents_at INTEGER; -- the last public message of an agent
ALTER TABLE conversation ADD COLUMN said_by_system_at INTEGER; -- the last automatic message

UPDATE conversation SET said_by_agents_at = said.at FROM (
    SELECT site_id, conversation, max(created_at) AS at FROM conversation_message WHERE kind = 1 AND private = 0 GROUP BY site_id, conversation
) AS said WHERE said.site_id = conversation.site_id AND said.conversation = conversation.number;
UPDATE conversation SET said_by_system_at = said.at FROM (
    SELECT site_id, conversation, max(created_at) AS at FROM conversation_message WHERE kind = 3 GROUP BY site_id, conversation
) AS said WHERE said.site_id = conversation.site_id AND said.conversation = conversation.number;
