//! The contract suite: the behaviour that callers of the store may rely on, as tests that know no
//! backend.
//!
//! A backend runs all of them with one line, `contract!(…)`, given a value that opens it on an
//! empty database.
//!
//! To add a test: a `pub async fn` in the module of its capability, and its name in `contract!`.

mod accounts;
mod archive;
mod audit;
mod canned_responses;
pub(super) mod channel;
mod channel_agents;
mod channel_attachments;
mod channel_auto_replies;
mod channel_contacts;
mod channel_conversation_lists;
mod channel_conversations;
mod channel_deliveries;
mod channel_failed_messages;
mod channel_inbox_scope;
mod channel_inboxes;
mod channel_initiated;
mod channel_lists;
mod channel_messages;
mod channel_revisions;
mod channel_sessions;
mod contact_admin;
mod contacts;
mod credentials;
mod devices;
mod durability;
mod events;
mod fan_out;
mod fan_out_changes;
mod history;
mod idempotency;
mod imports;
mod install_events;
mod listing;
mod model;
mod mutes;
mod pictures;
mod publishing;
mod reader_actions;
mod reader_conversations;
mod reports;
mod retention;
mod retention_cap;
mod schedule;
mod sdk;
pub(super) mod segments;
mod segments_in_use;
mod shared_state;
mod sites;
mod stale_edits;
mod tenancy;
pub(crate) mod test_store;
mod theme_model;
mod themes;
mod token_rotation;
mod webhook_queue;
mod webhooks;

/// Generates a test for each name, on an empty database of its own.
macro_rules! promises {
    ($backend:expr; $($module:ident: $($promise:ident),+;)+) => {
        $(mod $module {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                // A server that is missing is reported where it is looked for.
                let Some(backend) = $backend else { return };
                super::super::$module::$promise(&crate::contract::test_store::TestStore::new(backend).await).await;
            })+
        })+
    };
}

/// The whole contract for one backend: an expression that is `None` where it cannot be run.
macro_rules! contract {
    ($backend:expr) => {
        promises! { $backend;
            sites:
                site_is_stored_unchanged,
                update_changes_only_the_settings,
                concurrent_updates_are_not_lost,
                site_and_settings_change_atomically,
                duplicate_site_or_key_is_a_conflict,
                keys_are_valid_until_revoked,
                last_use_of_a_key_never_decreases;
            accounts:
                set_up_works_once_with_the_newest_secret,
                profile_is_set_as_a_whole,
                last_owner_cannot_be_removed,
                role_applies_to_one_site,
                invitation_is_accepted_once,
                invitations_of_a_former_owner_are_closed,
                open_invitations_are_listed_and_revocable,
                wrong_codes_are_counted_and_delayed,
                browser_is_known_to_its_account,
                session_has_a_maximum_age,
                code_works_once_and_only_forward,
                code_of_a_replaced_secret_is_rejected,
                sessions_end_on_expiry_and_password_change;
            canned_responses:
                canned_response_is_created_changed_and_deleted,
                short_code_is_unique_in_its_site,
                canned_responses_are_found_by_code_and_content,
                canned_responses_are_scoped_to_their_site,
                canned_responses_are_bounded;
            channel_agents:
                members_become_agents_by_role,
                instance_owner_administers_every_site,
                membership_change_revalidates_subscriptions,
                agent_is_found_by_token,
                agent_of_an_account_ends_with_its_membership,
                subscriber_is_resolved_with_its_access;
            audit:
                entries_are_listed_newest_first_by_site,
                entry_is_written_by_the_verb,
                settings_have_defaults;
            pictures:
                pictures_are_scoped_to_site_and_bounded;
            install_events:
                event_is_stored_once_with_its_last_time,
                newest_events_of_a_site_are_kept,
                onboarding_progresses_step_by_step;
            idempotency:
                one_of_concurrent_requests_gets_the_reservation,
                response_is_stored_for_two_days,
                failed_request_can_be_retried,
                request_of_a_previous_process_is_interrupted;
            shared_state:
                shared_value_is_taken_once,
                shared_value_is_spent_at_another_site,
                shared_value_expires_and_is_swept,
                shared_values_of_a_site_are_bounded,
                attempts_are_counted_once_for_all;
            contacts:
                first_matching_identifier_decides,
                upsert_merges_into_the_match,
                different_external_id_is_another_contact,
                unknown_external_id_matches_no_identified_contact,
                identifier_of_a_deleted_contact_matches_no_other,
                identifier_of_another_contact_is_a_conflict,
                ids_are_never_reused,
                concurrent_upserts_create_one_contact,
                bulk_lookup_keeps_the_order,
                erased_contact_leaves_no_rows;
            contact_admin:
                search_combines_all_filters,
                pages_are_contiguous,
                replacement_clears_missing_fields,
                deleted_contact_is_hidden_and_restored,
                last_activity_is_written_once_an_hour,
                stale_replacement_is_rejected,
                receipts_of_a_contact_are_listed,
                receipts_include_the_time_of_each_step,
                contacts_of_another_site_are_unreachable;
            stale_edits:
                stale_segment_edit_is_rejected,
                stale_endpoint_edit_is_rejected,
                stale_message_edit_is_rejected;
            imports:
                external_id_takes_precedence,
                dedupe_field_decides_next,
                latest_changed_match_wins,
                match_without_external_id_adopts_it,
                deleted_contact_is_restored_only_on_request,
                groups_are_appended_to_the_attribute,
                import_continues_in_parts_after_reopening,
                import_without_valid_rows_finishes_at_once,
                large_import_is_accepted_as_a_whole,
                aborted_large_import_leaves_nothing,
                unfinished_imports_are_bounded;
            credentials:
                tokens_and_sessions_are_found_until_they_expire,
                sessions_of_a_contact_are_bounded,
                ending_a_family_ends_only_its_sessions,
                revoked_key_ends_its_tokens_and_sessions,
                ended_credentials_authorise_nothing,
                sweep_removes_only_expired_rows;
            token_rotation:
                rotated_token_has_the_same_reader,
                replay_within_overlap_forks_a_chain,
                replayed_token_revokes_family,
                late_retry_works_while_successor_is_unused,
                retry_works_only_within_token_lifetime,
                replay_revokes_family_for_any_used_successor,
                unused_chain_expires_and_family_has_max_age,
                rotated_tokens_end_with_key_contact_and_family,
                concurrent_rotations_get_distinct_tokens,
                chains_of_a_family_are_bounded_and_swept;
            devices:
                device_belongs_to_its_latest_binding,
                device_ends_with_contact_and_key,
                devices_of_a_contact_are_bounded,
                device_is_scoped_to_its_site,
                origin_is_known_while_a_site_allows_it,
                seen_position_is_of_the_newest_seen;
            history:
                earlier_messages_start_as_read_without_receipts,
                imported_contact_starts_likewise,
                earlier_messages_may_start_unread,
                earlier_messages_may_be_hidden,
                existing_contact_keeps_its_messages;
            publishing:
                message_is_stored_unchanged,
                concurrent_publishes_with_one_key_store_one,
                key_of_another_request_is_rejected,
                failed_publish_leaves_nothing,
                edit_is_published_with_the_whole_message,
                concurrent_edits_are_both_listed,
                edit_of_a_hidden_message_publishes_nothing,
                recall_is_permanent;
            fan_out:
                each_contact_receives_it_once_in_order,
                repeated_publish_during_fan_out_stores_nothing,
                later_part_is_unread_after_all_read,
                fan_out_continues_after_reopening,
                sites_take_turns,
                fan_outs_of_a_site_are_bounded,
                change_wakes_the_background_job;
            fan_out_changes:
                edit_reaches_all_during_and_after_fan_out,
                recall_overrides_running_fan_out,
                scheduled_message_is_published_and_expires,
                large_audience_can_change_until_shown,
                erased_contact_is_skipped,
                sweep_deletes_message_during_fan_out;
            sdk:
                signing_key_is_valid_until_revoked,
                signing_keys_are_bounded_and_need_an_owner,
                jwt_agent_has_one_row_per_scope,
                jwt_agent_never_matches_another_agent,
                session_ends_with_key_agent_inbox_and_expiry,
                code_opens_its_window_once,
                sessions_of_an_agent_are_bounded,
                inbox_scoped_agent_sees_only_that_inbox;
            schedule:
                message_is_published_when_due,
                message_disappears_on_expiry,
                message_expired_before_publication_is_never_shown,
                order_survives_a_clock_jump_back,
                due_messages_are_published_in_order,
                later_expiry_restores_the_message,
                earlier_expiry_hides_the_message,
                cancelled_message_is_never_shown,
                time_and_audience_change_until_shown;
            reports:
                list_is_newest_first_with_filters,
                search_is_literal_in_any_language,
                scan_is_bounded,
                delivery_is_stored_once_and_not_published,
                watermark_after_expiry_counts_nothing,
                funnel_and_languages_add_up,
                site_stats_include_days_and_active_contacts,
                test_message_is_in_no_list_and_no_stats;
            retention:
                retention_deletes_only_due_messages,
                retention_publishes_removals;
            retention_cap:
                newest_thousand_named_messages_are_kept,
                newest_thousand_of_each_feed_are_kept,
                interrupted_deletion_is_finished_by_next_sweep;
            listing:
                pages_have_no_gaps_or_duplicates,
                all_pinned_messages_come_first,
                full_last_page_has_no_next,
                reader_sees_own_messages_and_those_to_everyone,
                single_message_equals_list_item,
                other_recipients_are_not_exposed,
                unknown_contact_sees_nothing,
                entries_match_the_list_order,
                messages_are_returned_in_one_language;
            reader_actions:
                counts_decrease_with_seen_and_read,
                counts_stop_at_the_cap,
                read_is_idempotent,
                invisible_messages_are_ignored,
                action_without_effect_publishes_nothing,
                single_receipts_and_the_watermark_agree,
                deliveries_to_many_readers_are_recorded,
                thousand_concurrent_actions_are_stored;
            archive:
                archived_message_moves_to_the_archive,
                deleted_message_is_in_no_list,
                restored_message_keeps_its_read_state,
                unread_mark_lasts_until_read,
                archived_between_all_read_and_undo_is_unread,
                all_read_up_to_a_position_excludes_later,
                all_read_excludes_archived_above_position,
                last_all_read_is_undone_once,
                archive_follows_expiry_and_recall,
                unread_marks_count_up_to_the_cap;
            themes:
                theme_is_stored_as_uploaded,
                new_draft_replaces_the_former,
                draft_replaces_only_its_base,
                equal_draft_is_the_same_version,
                file_name_identifies_content,
                rollback_publishes_a_superseded_version,
                concurrent_drafts_and_publishes_keep_one_each,
                files_are_kept_while_referenced,
                preview_link_ends_on_expiry_or_with_its_version;
            theme_model:
                themes_agree_with_a_simple_model;
            webhooks:
                events_are_queued_only_for_subscribers,
                one_delivery_per_contact_is_due,
                old_deliveries_are_swept,
                deleted_endpoints_count_until_they_are_swept,
                endpoints_are_scoped_to_their_site;
            webhook_queue:
                queue_is_bounded,
                pending_events_on_one_message_are_merged,
                queue_of_a_contact_is_bounded,
                fan_out_is_queued_once_within_bounds,
                messages_of_a_new_reader_are_queued_in_order;
            events:
                each_verb_publishes_once,
                versions_grow_in_publication_order,
                counts_carry_the_version_of_the_last_change,
                published_change_is_readable,
                write_of_another_process_is_detected,
                agent_access_changed_by_another_process_is_detected,
                external_write_is_detected_between_own_writes;
            channel_inboxes:
                sites_have_unique_numbers,
                inbox_settings_are_stored_unchanged,
                deleted_inbox_is_gone_at_once,
                site_has_a_bounded_number_of_inboxes,
                members_are_added_replaced_and_removed;
            channel_contacts:
                contact_is_stored_with_all_fields,
                duplicate_value_is_rejected_by_field,
                failed_session_leaves_no_contact,
                contacts_are_listed_and_found,
                erased_contact_leaves_no_conversation,
                contacts_and_inboxes_are_scoped_to_their_site;
            channel_sessions:
                writer_is_found_or_created,
                unused_sessions_are_replaced,
                sessions_are_added_and_verified,
                unproven_claim_reads_and_changes_nothing,
                verified_identifier_does_not_prove_email;
            channel_conversations:
                conversation_is_stored_unchanged,
                session_is_found_or_created,
                numbers_count_from_one_in_each_site,
                locked_inbox_has_one_conversation_for_a_session,
                blocked_contact_begins_resolved,
                change_reports_only_actual_changes,
                snoozed_conversation_reopens_when_due;
            channel_conversation_lists:
                lists_and_counts_follow_each_change,
                conversation_pages_are_contiguous,
                search_finds_conversations_by_words,
                contact_sees_only_its_conversations;
            channel_messages:
                first_reply_ends_the_wait,
                incoming_message_reopens,
                unread_count_stops_at_ten,
                messages_per_minute_are_limited,
                content_is_limited_in_characters,
                messages_are_listed_by_their_ids,
                read_status_does_not_go_back,
                seen_by_contact_marks_as_read,
                seen_marks_a_bounded_number_of_messages,
                deleted_message_leaves_a_placeholder,
                submitted_values_are_merged,
                typing_is_published_and_not_stored,
                reply_window_closes;
            channel_lists:
                lists_of_an_agent_are_exact,
                list_is_bounded,
                watchers_are_stored_with_the_conversation;
            channel_revisions:
                each_change_has_a_later_revision;
            channel_inbox_scope:
                conversation_is_found_by_its_uuid,
                inbox_scope_hides_everything_else;
            channel_initiated:
                conversation_starts_with_a_new_contact,
                contact_is_found_by_the_address,
                unresolved_conversation_is_continued,
                locked_conversation_is_reopened,
                failed_start_leaves_nothing;
            reader_conversations:
                reader_has_one_verified_session,
                agent_messages_are_unread_until_seen,
                unread_count_covers_verified_sessions;
            channel_auto_replies:
                first_message_is_greeted_once,
                conversation_created_with_message_is_greeted,
                agent_messages_and_notes_get_no_auto_reply,
                out_of_office_is_sent_once_a_day,
                no_out_of_office_after_a_recent_reply,
                auto_reply_goes_to_the_callback;
            channel_deliveries:
                callback_receives_only_its_inbox,
                callback_deliveries_are_scoped_to_their_inbox,
                callback_test_concerns_no_message,
                account_webhook_receives_subscribed_events;
            channel_failed_messages:
                dropped_message_has_failed,
                undelivered_message_fails_once;
            channel_attachments:
                attachments_live_as_long_as_their_message,
                attachments_per_message_are_bounded;
            segments:
                only_members_see_the_message,
                actions_apply_to_segment_messages,
                stats_use_current_segments,
                membership_follows_contact_changes,
                changed_rule_applies_to_earlier_messages,
                change_is_published_with_its_recipients,
                list_keeps_contacts_until_erased,
                long_list_is_stored_atomically,
                membership_follows_time,
                reader_in_many_segments_sees_no_duplicates,
                segments_are_scoped_to_their_site;
            segments_in_use:
                names_are_unique_and_used_segments_are_kept,
                segments_in_use_are_bounded,
                rule_cost_is_bounded,
                inline_segment_is_deleted_with_its_last_message,
                another_process_sees_segments_in_use;
            mutes:
                muted_messages_are_hidden_and_restored,
                actions_on_muted_messages_are_ignored,
                edited_category_is_muted_by_its_new_name,
                mutes_apply_to_every_feed_and_later_messages,
                mute_change_is_published_once,
                partial_change_keeps_other_mutes,
                unmutable_category_is_restored,
                mutes_are_scoped_to_their_site;
            tenancy:
                no_verb_reads_another_site,
                no_verb_changes_another_site,
                themes_are_scoped_to_their_site,
                equal_ids_in_two_sites_are_independent;
            durability:
                acknowledged_writes_survive_reopening,
                close_finishes_started_writes_and_rejects_others,
                failed_write_does_not_affect_its_batch,
                ping_succeeds;
            model:
                store_agrees_with_a_simple_model;
        }
    };
}

pub(crate) mod pgbouncer;
pub(crate) mod postgres;
pub(super) mod sqlite;
