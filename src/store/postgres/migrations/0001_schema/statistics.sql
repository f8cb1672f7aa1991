-- What the planner assumes of a site and of a reader. Its own statistics are averages: of thousands of sites
-- most are small, and most readers have little, so it would rather read all rows of the one at hand and
-- compare each with the other side of a join. These settings make it take a site for a quarter of a table, and
-- a reader for a two-hundredth of that, which is what it assumes of a column without statistics. It then reads
-- in the order of an index up to a limit, and looks up single rows by their whole key.

ALTER TABLE contact ALTER site_id SET (n_distinct = 4);
ALTER TABLE contact_token ALTER site_id SET (n_distinct = 4), ALTER contact_id SET STATISTICS 0;
ALTER TABLE widget_session ALTER site_id SET (n_distinct = 4), ALTER contact_id SET STATISTICS 0;
ALTER TABLE token_family ALTER site_id SET (n_distinct = 4), ALTER contact_id SET STATISTICS 0;
ALTER TABLE token_chain ALTER site_id SET (n_distinct = 4);
ALTER TABLE device ALTER site_id SET (n_distinct = 4), ALTER contact_id SET STATISTICS 0;
ALTER TABLE message ALTER site_id SET (n_distinct = 4);
ALTER TABLE recipient ALTER site_id SET (n_distinct = 4), ALTER contact_id SET STATISTICS 0;
ALTER TABLE receipt ALTER site_id SET (n_distinct = 4), ALTER contact_id SET STATISTICS 0;
ALTER TABLE watermark_log ALTER site_id SET (n_distinct = 4), ALTER contact_id SET STATISTICS 0;
ALTER TABLE mute ALTER site_id SET (n_distinct = 4), ALTER contact_id SET STATISTICS 0;
ALTER TABLE fan_out ALTER site_id SET (n_distinct = 4);
ALTER TABLE fan_out_chunk ALTER site_id SET (n_distinct = 4);
ALTER TABLE segment_member ALTER site_id SET (n_distinct = 4), ALTER contact_id SET STATISTICS 0;
ALTER TABLE webhook_delivery ALTER contact_id SET STATISTICS 0;
ALTER TABLE agent ALTER site_id SET (n_distinct = 4);
ALTER TABLE channel_contact ALTER site_id SET (n_distinct = 4);
ALTER TABLE contact_inbox ALTER site_id SET (n_distinct = 4), ALTER contact_id SET STATISTICS 0;
ALTER TABLE conversation ALTER site_id SET (n_distinct = 4), ALTER contact_id SET STATISTICS 0, ALTER contact_inbox_id SET STATISTICS 0;
ALTER TABLE conversation_list ALTER site_id SET (n_distinct = 4);
ALTER TABLE conversation_watcher ALTER site_id SET (n_distinct = 4), ALTER agent_id SET STATISTICS 0;
ALTER TABLE conversation_message ALTER site_id SET (n_distinct = 4), ALTER conversation SET STATISTICS 0;
ALTER TABLE attachment ALTER site_id SET (n_distinct = 4);
ALTER TABLE attachment_blob ALTER site_id SET (n_distinct = 4);
ALTER TABLE message_word ALTER site SET (n_distinct = 4);
ALTER TABLE contact_word ALTER site SET (n_distinct = 4);
