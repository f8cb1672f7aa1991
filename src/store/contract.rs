//! What callers of the store may rely on, as tests that know no backend.
//!
//! A backend runs all of them by one line, `contract!(…)`, with a value that opens it in an empty place.

mod accounts;
mod canned;
mod changes;
pub(super) mod channel;
mod channel_agents;
mod channel_automatic;
mod channel_events;
mod channel_lists;
mod channel_messages;
mod channel_people;
mod channel_starts;
mod channel_talk;
mod contacts;
mod credentials;
mod devices;
mod durability;
mod fanning_out;
mod fanning_out_changes;
mod history;
mod importing;
mod listing;
mod looking_after;
mod marking;
mod model;
mod mutes;
mod overtaken;
mod pictures;
mod publishing;
mod putting_away;
mod reader_conversations;
mod records;
mod repeats;
mod rotation;
mod schedule;
mod sdk;
pub(super) mod segments;
mod segments_in_use;
mod sent;
mod sightings;
mod sites;
mod surplus;
mod tenancy;
mod theme_model;
mod themes;
mod webhooks;
pub(super) mod world;

/// Writes a test for each promise, in an empty database of its own.
macro_rules! promises {
    ($backend:expr; $($module:ident: $($promise:ident),+;)+) => {
        $(mod $module {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::super::$module::$promise(&crate::store::contract::world::World::new($backend).await).await;
            })+
        })+
    };
}

/// The whole contract for one backend.
macro_rules! contract {
    ($backend:expr) => {
        promises! { $backend;
            sites:
                a_site_is_kept_as_it_was_told,
                an_update_replaces_settings_and_nothing_else,
                updates_at_once_lose_nothing,
                a_site_and_its_settings_change_together,
                a_site_or_key_that_exists_is_a_conflict_and_changes_nothing,
                keys_open_until_they_are_revoked,
                the_last_use_of_a_key_only_moves_forward;
            accounts:
                the_first_account_is_made_once_with_the_newest_right,
                profile_is_set_as_a_whole,
                a_site_is_never_left_without_an_owner,
                a_role_is_of_one_site,
                an_invitation_opens_its_site_once,
                whoever_may_not_invite_any_more_opens_nothing,
                open_invitations_are_all_listed_and_each_can_be_taken_back,
                wrong_digits_are_counted_and_put_off_longer_each_time,
                a_browser_is_known_to_the_account_that_signed_in_with_it,
                a_session_has_an_end_however_lively_it_is,
                digits_are_taken_once_and_only_forward,
                digits_of_a_secret_that_was_replaced_confirm_nothing,
                sessions_end_with_their_time_and_with_a_new_password;
            canned:
                canned_response_is_made_changed_and_deleted,
                short_code_is_unique_in_its_site,
                canned_responses_are_found_by_code_and_content,
                canned_responses_of_a_site_are_its_own,
                canned_responses_are_bounded;
            channel_agents:
                members_of_a_site_are_agents_by_their_role,
                owner_of_the_instance_administers_each_site,
                subscriptions_are_looked_at_again_when_a_membership_changes;
            records:
                acts_are_listed_newest_first_and_by_site,
                an_act_is_recorded_by_the_verb_that_does_it,
                settings_are_those_of_a_new_site_until_they_are_made;
            pictures:
                a_picture_belongs_to_its_site_and_there_are_so_many_and_no_more;
            sightings:
                a_sighting_is_kept_once_with_its_last_time,
                a_site_keeps_its_newest_sightings,
                a_site_comes_forward_step_by_step;
            repeats:
                of_many_attempts_at_once_one_is_new,
                an_answer_is_kept_for_a_day,
                what_failed_can_be_tried_again,
                what_a_former_run_left_is_known;
            contacts:
                the_first_known_identifier_decides,
                an_upsert_merges_into_whom_it_matches,
                another_external_id_is_another_person,
                an_unknown_external_id_reaches_nobody_who_has_one,
                a_stronger_identifier_of_a_deleted_contact_reaches_nobody_else,
                an_identifier_of_someone_else_is_a_conflict_and_changes_nothing,
                numbers_are_given_once,
                parallel_upserts_of_one_person_make_one_contact,
                many_are_looked_up_in_the_order_asked,
                an_erased_contact_leaves_no_trace;
            looking_after:
                contacts_are_found_by_all_that_is_given,
                parts_of_the_contacts_follow_each_other,
                a_replacement_leaves_nothing_of_before,
                a_deleted_contact_is_found_by_nothing_and_comes_back,
                a_contact_is_seen_once_an_hour,
                what_was_changed_meanwhile_is_not_replaced,
                a_contact_s_messages_come_with_what_it_did,
                a_contact_s_messages_come_with_the_time_of_each_step,
                another_site_looks_after_no_foreign_contact;
            overtaken:
                a_segment_that_was_changed_meanwhile_stays,
                an_endpoint_that_was_changed_meanwhile_stays,
                a_message_that_was_changed_meanwhile_stays;
            importing:
                the_external_id_comes_first,
                then_what_the_import_names,
                of_two_that_fit_the_one_that_changed_last_wins,
                a_match_without_an_external_id_adopts_it_and_another_makes_a_new_contact,
                a_deleted_contact_stays_so_unless_it_is_to_come_back,
                groups_are_an_attribute_that_an_import_adds_to,
                an_import_goes_on_in_parts_and_after_opening_again,
                an_import_without_a_row_that_can_be_read_is_over_at_once,
                a_large_import_is_accepted_as_a_whole,
                a_large_import_that_does_not_arrive_leaves_nothing,
                so_many_may_be_unfinished_and_no_more;
            credentials:
                tokens_and_sessions_are_found_until_they_expire,
                a_contact_has_so_many_sessions_and_the_oldest_end,
                a_family_ends_with_its_sessions_and_no_others,
                a_revoked_key_takes_its_tokens_and_sessions_along,
                nothing_is_vouched_for_by_what_has_ended,
                a_sweep_removes_what_is_over_and_nothing_else;
            rotation:
                a_token_is_followed_by_one_that_speaks_for_the_same_reader,
                a_token_that_comes_again_within_the_overlap_begins_a_chain_of_its_own,
                a_token_that_comes_again_later_ends_its_whole_family,
                a_token_comes_again_however_late_while_no_successor_was_used,
                a_token_comes_again_in_its_own_life_only,
                a_token_whose_successor_was_used_ends_the_family_whichever_it_was,
                a_chain_that_is_not_used_expires_and_a_family_ends_whatever_happens,
                rotated_tokens_end_with_what_they_stand_on,
                of_many_at_once_each_gets_a_token_of_its_own,
                chains_of_a_family_are_bounded_and_swept_when_all_are_over;
            devices:
                a_device_reads_for_whom_it_was_bound_to_last,
                a_device_ends_with_its_contact_and_with_its_key,
                devices_of_a_contact_are_bounded,
                a_device_of_another_site_is_not_found,
                origins_are_known_while_a_site_has_them,
                the_seen_position_is_that_of_the_newest_seen;
            history:
                what_was_there_before_is_read_and_nobody_has_read_it,
                whoever_comes_by_an_import_begins_in_the_same_way,
                what_was_there_before_can_be_unread,
                what_was_there_before_can_be_hidden_from_everything,
                whoever_is_there_keeps_what_they_have;
            publishing:
                a_message_is_kept_as_it_was_published,
                one_key_makes_one_message_however_often_it_is_sent_at_once,
                a_key_for_another_request_is_refused,
                a_failed_publish_leaves_nothing_behind,
                an_edit_is_announced_with_the_whole_message,
                edits_at_one_moment_are_both_listed,
                an_edit_of_what_is_not_shown_is_silent,
                a_recall_hides_for_good;
            fanning_out:
                everyone_named_gets_it_once_in_the_order_of_contacts,
                a_repeat_while_it_is_under_way_makes_nothing_new,
                what_arrives_after_all_was_read_is_unread,
                it_goes_on_after_opening_again,
                sites_take_turns,
                a_site_has_so_many_under_way_and_no_more,
                an_act_wakes_whoever_waits;
            fanning_out_changes:
                an_edit_reaches_all_while_it_is_under_way_and_after,
                a_recall_wins_over_what_is_under_way,
                one_that_waits_comes_and_goes_in_its_time,
                an_audience_of_many_is_exchanged_until_it_is_shown,
                whoever_is_erased_meanwhile_is_passed_over,
                a_sweep_takes_it_away_before_all_have_it;
            sdk:
                signing_key_signs_until_it_is_revoked,
                signing_keys_are_bounded_and_belong_to_what_is_there,
                agent_of_a_jwt_is_one_in_each_scope,
                agent_of_a_jwt_is_never_taken_for_another,
                session_ends_with_its_key_agent_inbox_and_time,
                code_opens_its_window_once,
                agent_has_so_many_sessions_and_the_oldest_end,
                agent_of_an_inbox_sees_that_inbox_alone;
            schedule:
                a_message_waits_for_its_time,
                a_message_vanishes_when_its_time_is_over,
                what_is_over_before_it_began_is_never_shown,
                order_survives_a_clock_that_jumps_back,
                many_that_are_due_come_in_their_order,
                a_longer_time_brings_a_message_back_where_it_was,
                a_shorter_time_takes_it_away;
            sent:
                a_list_is_newest_first_and_knows_states_and_categories,
                a_text_is_found_as_it_stands_in_any_language,
                a_list_ends_somewhere_however_little_is_found,
                what_is_cancelled_is_seen_by_nobody,
                a_beginning_and_an_audience_change_until_it_is_shown,
                a_delivery_is_kept_once_and_told_to_nobody,
                what_was_passed_after_its_end_reached_nobody,
                steps_and_languages_add_up,
                a_site_knows_its_days_and_its_active_contacts,
                what_is_sent_to_try_is_in_no_list_and_no_count,
                only_what_is_due_is_forgotten,
                an_open_inbox_is_told_of_what_is_forgotten;
            surplus:
                of_what_names_a_reader_the_newest_thousand_are_kept,
                of_what_goes_to_everyone_or_a_segment_the_newest_thousand_are_kept,
                what_was_left_half_forgotten_is_forgotten_by_the_next_sweep;
            listing:
                pages_follow_each_other_without_gap_or_repetition,
                pinned_messages_come_first_however_many_they_are,
                a_full_page_without_more_has_no_next,
                a_reader_sees_their_own_and_those_for_everyone,
                one_message_is_shown_as_in_the_list,
                a_reader_learns_of_no_other_recipient,
                a_stranger_sees_nothing,
                entries_stand_where_their_messages_do,
                messages_say_one_language_and_no_other;
            marking:
                counts_fall_as_a_reader_sees_and_reads,
                counts_stop_at_the_cap,
                read_stays_read,
                what_a_reader_cannot_see_is_not_marked,
                a_mark_that_changes_nothing_is_silent,
                single_receipts_and_the_watermark_agree,
                a_thousand_marks_at_once_are_all_kept;
            putting_away:
                what_is_archived_leaves_the_inbox_and_is_found_in_the_archive,
                what_is_deleted_is_in_no_list,
                what_comes_back_is_read_or_not_as_it_went,
                what_is_marked_unread_stays_so_until_it_is_read,
                what_was_put_away_between_all_read_and_its_undo_comes_back_unread,
                all_read_up_to_a_position_leaves_what_came_after,
                all_read_up_to_a_position_leaves_what_is_put_away_above_it,
                the_last_all_read_is_undone_once,
                an_archive_follows_its_messages,
                counts_of_what_is_marked_unread_stop_at_the_cap;
            themes:
                a_theme_is_kept_as_it_was_uploaded,
                a_new_draft_takes_the_former_one_away,
                a_draft_is_put_over_the_one_it_was_made_of_alone,
                the_same_draft_once_more_is_the_same_version,
                a_name_stands_for_one_content,
                one_version_is_in_force_and_the_others_can_come_back,
                drafts_and_publishes_at_once_keep_one_of_each,
                files_stay_for_as_long_as_a_version_has_them,
                a_preview_link_lives_until_its_time_or_with_its_version;
            theme_model:
                any_course_of_looks_agrees_with_a_naive_model;
            webhooks:
                what_happens_is_queued_for_those_who_listen_and_for_no_one_else,
                one_of_a_contact_is_due_at_a_time_and_each_endpoint_has_its_share,
                a_queue_has_a_bound,
                what_is_about_the_same_waits_once,
                a_contact_has_a_share_of_a_queue,
                whole_messages_to_many_are_queued_once_and_within_the_bounds,
                whole_messages_that_reach_a_reader_together_are_queued_once_and_in_turn,
                what_is_over_is_forgotten_in_time,
                deleted_endpoints_count_until_they_are_swept,
                another_site_reaches_no_endpoint;
            changes:
                each_verb_announces_itself_once,
                numbers_grow_in_the_order_of_the_announcements,
                a_tally_carries_the_number_of_the_last_change_that_concerned_the_reader,
                what_is_announced_can_be_read,
                another_process_is_noticed,
                another_process_is_noticed_between_own_changes;
            channel_people:
                sites_have_numbers_of_their_own,
                inbox_is_kept_as_it_was_set,
                deleted_inbox_is_gone_at_once,
                site_has_a_bounded_number_of_inboxes,
                members_are_added_replaced_and_removed,
                agent_is_known_by_their_token,
                agent_of_an_account_lasts_as_long_as_its_membership,
                subscriber_sees_what_is_theirs,
                contact_is_kept_with_all_that_was_said,
                what_is_unique_is_refused_by_its_name,
                failed_session_leaves_no_contact,
                contacts_are_listed_and_found,
                whoever_writes_is_found_or_made,
                unused_sessions_make_room_for_new_ones,
                sessions_are_added_and_verified,
                naming_somebody_shows_and_changes_nothing_of_them,
                proof_of_an_identifier_is_none_of_an_email_address,
                erased_contact_leaves_no_conversation,
                another_site_reaches_nothing_of_it;
            channel_talk:
                conversation_is_kept_as_it_was_begun,
                session_is_found_or_made_for_a_conversation,
                numbers_count_from_one_in_each_site,
                locked_inbox_has_one_conversation_for_a_session,
                blocked_contact_begins_resolved,
                change_tells_what_really_changed,
                lists_and_counts_follow_each_act,
                pages_follow_each_other,
                words_find_their_conversations,
                contact_sees_what_is_theirs,
                snoozed_conversation_wakes_in_time;
            channel_messages:
                first_reply_ends_the_wait,
                incoming_message_reopens,
                unread_count_stops_at_ten,
                conversation_has_a_share_of_each_minute,
                too_long_content_is_refused_in_characters,
                messages_are_listed_by_their_ids,
                status_of_a_message_does_not_go_back_from_read,
                contact_who_looks_has_read,
                one_look_reads_a_bounded_number_of_messages,
                deleted_message_leaves_a_line_in_its_place,
                submitted_values_are_merged,
                typing_is_told_and_not_kept,
                reply_window_closes;
            channel_lists:
                each_change_has_a_later_revision,
                lists_of_an_agent_are_exact,
                list_is_cut_at_its_bound,
                watchers_are_kept_with_the_conversation,
                conversation_is_found_by_its_uuid,
                scope_of_an_inbox_hides_all_else;
            channel_starts:
                conversation_begins_with_somebody_new,
                contact_is_found_by_the_address,
                unresolved_conversation_is_gone_on_with,
                only_conversation_of_a_session_opens_again,
                nothing_begins_where_it_can_not;
            reader_conversations:
                reader_has_one_proven_session,
                answers_are_unread_until_the_reader_looks,
                unread_answers_are_those_of_proven_sessions;
            channel_automatic:
                first_message_is_greeted_once,
                conversation_that_begins_with_a_message_is_greeted,
                messages_of_agents_and_notes_are_not_answered,
                absence_is_told_once_a_day,
                who_was_just_answered_is_not_told_of_absence,
                automatic_message_goes_to_the_callback;
            channel_events:
                callback_hears_of_its_inbox_alone,
                callback_deliveries_are_those_of_one_inbox,
                test_of_a_callback_is_about_no_message,
                account_webhook_hears_what_it_subscribed_to,
                message_that_is_dropped_has_failed,
                message_that_is_not_taken_has_failed_once,
                attachments_are_kept_as_long_as_their_message,
                too_many_attachments_are_refused;
            segments:
                who_is_in_it_sees_it_and_nobody_else,
                marks_reach_what_is_in_a_segment,
                a_message_is_counted_by_the_segments_of_today,
                whoever_changes_comes_in_or_goes,
                a_changed_rule_counts_for_what_was_sent_before,
                a_change_is_told_with_whom_it_concerns,
                a_list_has_its_contacts_until_they_are_erased,
                a_long_list_is_there_as_a_whole_or_not_at_all,
                time_alone_brings_contacts_in_and_out,
                a_reader_in_many_segments_sees_each_message_once,
                another_site_has_other_segments;
            segments_in_use:
                a_name_is_given_once_and_what_is_in_use_stays,
                so_many_may_be_in_use_and_no_more,
                rules_have_a_budget,
                what_a_message_described_is_forgotten_with_the_last_message_to_it,
                another_process_knows_what_is_in_use;
            mutes:
                what_is_muted_is_nowhere_and_comes_back,
                marks_of_what_is_muted_are_ignored,
                a_category_that_is_edited_is_muted_by_its_new_name,
                mutes_reach_every_lane_and_wait_for_what_comes,
                a_change_of_mutes_is_told_once,
                some_are_changed_and_the_others_stay,
                what_may_be_muted_no_more_comes_back,
                another_site_mutes_nothing_here;
            tenancy:
                another_site_reads_nothing,
                another_site_changes_nothing,
                a_site_has_its_own_looks,
                equal_names_in_two_sites_are_two_things;
            durability:
                what_was_acknowledged_is_there_after_opening_again,
                closing_finishes_what_was_begun_and_refuses_the_rest,
                a_failure_leaves_its_neighbours_alone,
                it_answers_when_asked;
            model:
                any_course_of_events_agrees_with_a_naive_model;
        }
    };
}

pub(super) mod sqlite;
