-- name: logged_segment_columns
entry_no, segment_no, description, creation_date, user_id, cancel_state, state, header, policy,
plan_token, counts, first_entry_no, last_entry_no, host_ref, follow_up_of, follow_up_filter,
recorded_at, undone_by, undone_at, last_line_no, batch_size

-- name: add_logged_segment
INSERT INTO {prefix}logged_segment (
    tenant, {logged_segment_columns}
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: find_logged_segment
SELECT {logged_segment_columns}
FROM {prefix}logged_segment
WHERE tenant = ? AND entry_no = ?

-- name: remove_logged_segment
DELETE FROM {prefix}logged_segment
WHERE tenant = ? AND entry_no = ?

-- name: all_logged_segment
SELECT {logged_segment_columns}
FROM {prefix}logged_segment
WHERE tenant = ?
ORDER BY entry_no

-- name: current_logged_segment
SELECT {logged_segment_columns}
FROM {prefix}logged_segment
WHERE tenant = ? AND segment_no = ? AND state <> 3

-- name: hand_over_languages
UPDATE {prefix}segment_language
SET logged_segment_entry_no = ?
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = 0 AND removed_by_step = 0

-- name: hand_over_steps
UPDATE {prefix}criteria_step
SET logged_segment_entry_no = ?
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = 0

-- name: add_left_out_lines
INSERT INTO {prefix}left_out_line (
    tenant, logged_segment_entry_no, {segment_line_columns}, reasons
)
VALUES (
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
    ?
)

-- name: left_out_lines
SELECT reasons, {segment_line_columns}
FROM {prefix}left_out_line
WHERE tenant = ? AND logged_segment_entry_no = ? AND line_no > ?
ORDER BY line_no
LIMIT ?

-- name: reopen_entries
INSERT INTO {prefix}segment_line (
    tenant, {segment_line_columns}
)
SELECT
    tenant, segment_no, segment_line_no, contact_no, contact_company_no, campaign_no,
    salesperson_code, correspondence_type, interaction_template_code, interaction_group_code,
    cost_lcy, duration_min, attachment_no, campaign_response, campaign_target, information_flow,
    initiated_by, contact_alt_address_code, evaluation, interaction_language_code, description,
    date, time_of_interaction, attempt_failed, to_do_no, send_word_docs_as_attmt, contact_via,
    subject, opportunity_no, word_template_code, merged, 0
FROM {prefix}log_entry
WHERE tenant = ? AND logged_segment_entry_no = ? AND resend_of IS NULL

-- name: reopen_left_out
INSERT INTO {prefix}segment_line (
    tenant, {segment_line_columns}
)
SELECT
    tenant, segment_no, line_no, contact_no, contact_company_no, campaign_no, salesperson_code,
    correspondence_type, interaction_template_code, interaction_group_code, cost_lcy,
    duration_min, attachment_no, campaign_response, campaign_target, information_flow,
    initiated_by, contact_alt_address_code, evaluation, language_code, description, date,
    time_of_interaction, attempt_failed, to_do_no, send_word_doc_as_attmt, contact_via, subject,
    opportunity_no, word_template_code, merged, 0
FROM {prefix}left_out_line
WHERE tenant = ? AND logged_segment_entry_no = ?

-- name: reopen_languages
INSERT INTO {prefix}segment_language (
    tenant, {segment_language_columns}
)
SELECT
    tenant, segment_no, 0, removed_by_step, segment_line_no, language_code, description,
    attachment_no, subject, word_template_code
FROM {prefix}segment_language
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = ?

-- name: reopen_steps
INSERT INTO {prefix}criteria_step (
    tenant, {criteria_step_columns}
)
SELECT
    tenant, segment_no, 0, step_no, action, filter, all_contacts, widening, allow_existing,
    ignore_exclusion, entire_companies, source, source_entry_no, lines_added, lines_removed,
    user_id, recorded_at
FROM {prefix}criteria_step
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = ?

-- name: remove_left_out_lines
DELETE FROM {prefix}left_out_line
WHERE tenant = ? AND logged_segment_entry_no = ?

-- name: remove_kept_languages
DELETE FROM {prefix}segment_language
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = ?

-- name: remove_kept_steps
DELETE FROM {prefix}criteria_step
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = ?

-- name: left_out_owners
SELECT DISTINCT logged_segment_entry_no
FROM {prefix}left_out_line
WHERE tenant = ?

-- name: left_out_contacts
SELECT DISTINCT contact_no
FROM {prefix}left_out_line
WHERE tenant = ? AND logged_segment_entry_no = ? AND contact_no IN ({unfolded})

-- name: following_up
SELECT {logged_segment_columns}
FROM {prefix}logged_segment
WHERE tenant = ? AND follow_up_of = ?
ORDER BY entry_no
