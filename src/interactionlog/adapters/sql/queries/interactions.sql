-- name: add_entries_of_lines
INSERT INTO {prefix}log_entry ({columns_of_entries})
WITH {asked_for_lines}
SELECT {common_of_entries}, {mask_of_line}, {values_of_line} {lines_numbered}

-- name: end_entries_of_lines
) AS {numbered_lines} CROSS JOIN our_asked

-- name: columns_of_entries
tenant, entry_no, logged_segment_entry_no, user_id, recorded_at, delivery_status, modified_word_template,
campaign_entry_no, personal_fields, {fields_of_entry}

-- name: common_of_entries
?, {number_of_line}, ?, ?, ?, CASE WHEN line.correspondence_type IS NOT NULL THEN CAST(? AS smallint) END,
    CASE WHEN line.attachment_no IS NULL THEN CAST(? AS bigint) END, {campaign_entry_of_line}

-- name: lines_numbered
FROM (
    SELECT {numbered_columns}, row_number() OVER (ORDER BY line.line_no) AS nth
    FROM {prefix}segment_line AS line WHERE {lines_between}

-- name: remove_entries
DELETE FROM {prefix}log_entry WHERE tenant = ?

-- name: entry_row
RETURNING {log_entry_columns}

-- name: entry_among
entry_no {among(unfolded_numbers)}

-- name: newest_entries
SELECT {log_entry_columns} FROM {prefix}log_entry WHERE tenant = ?

-- name: newest_first
ORDER BY date DESC, entry_no DESC LIMIT ?

-- name: oldest_first
ORDER BY date, entry_no LIMIT ?

-- name: newest_of_many
ORDER BY date DESC, entry_no DESC {page}

-- name: oldest_of_many
ORDER BY date, entry_no {page}

-- name: entry_after
(date, entry_no) > (?, ?)

-- name: entry_before
(date, entry_no) < (?, ?)

-- name: asked_fields
contact_no, contact_company_no, salesperson_code, interaction_template_code, interaction_group_code,
campaign_no, campaign_entry_no, opportunity_no, to_do_no, segment_no, logged_segment_entry_no, host_ref,
information_flow, initiated_by, evaluation

-- name: entry_if_@ of asked_fields
@ = ?

-- name: entry_if_logged_segment_entry_no
-- every number is above 0: SQLite is told so to sort a logging rather than read the log from its newest entry
logged_segment_entry_no = ? AND entry_no > 0

-- name: asked_flags
attempt_failed, campaign_target, campaign_response, postponed

-- name: entry_if_@ of asked_flags
@

-- name: entry_if_not_@ of asked_flags
NOT @

-- name: entry_if_since
date >= ?

-- name: entry_if_until
date <= ?

-- name: entry_if_canceled
-- an expression: where none was canceled before, PostgreSQL would expect none, and sort all for each page
cancel_state + 0 <> 0

-- name: entry_if_not_canceled
cancel_state = 0

-- name: figures
SELECT count(*), coalesce(sum(cost_lcy), 0), coalesce(sum(duration_min), 0) FROM {prefix}log_entry
WHERE tenant = ?

-- name: figured_fields
contact_no, interaction_template_code, interaction_group_code, salesperson_code, campaign_no, segment_no, date

-- name: figures_by_@ of figured_fields
SELECT @, count(*), sum(cost_lcy), sum(duration_min) FROM {prefix}log_entry WHERE tenant = ?

-- name: by_@ of figured_fields
GROUP BY @ ORDER BY @ IS NOT NULL, @

-- name: figures_by_@_and_@@ of figured_fields
SELECT @, @@, count(*), sum(cost_lcy), sum(duration_min) FROM {prefix}log_entry WHERE tenant = ?

-- name: by_@_and_@@ of figured_fields
GROUP BY @, @@ ORDER BY @ IS NOT NULL, @, @@ IS NOT NULL, @@

-- name: set_cancel_reason
UPDATE {prefix}log_entry SET cancel_state = cancel_state | ? WHERE tenant = ?

-- name: clear_cancel_reason
UPDATE {prefix}log_entry SET cancel_state = cancel_state & ~CAST(? AS integer) WHERE tenant = ?

-- name: entries_of_logged_segment_with
SELECT {log_entry_columns} FROM {prefix}log_entry
WHERE tenant = ? AND logged_segment_entry_no = ? AND entry_no IN (
    SELECT entry_no FROM {prefix}log_entry WHERE tenant = ? AND contact_no {among(unfolded)}
)
ORDER BY entry_no

-- name: leave_logged_segment
UPDATE {prefix}log_entry SET logged_segment_entry_no = NULL,
    cancel_state = (cancel_state | CASE WHEN campaign_entry_no IN (
        SELECT entry_no FROM {prefix}campaign_entry WHERE tenant = ? AND register_no = ?
    ) THEN 5 ELSE 1 END) & ~2
WHERE tenant = ? AND logged_segment_entry_no = ?

-- name: entries_used_further
SELECT count(CASE WHEN resend_of IS NULL AND (personal_fields & ?) = 0 THEN evaluation END), count(resend_of)
FROM {prefix}log_entry WHERE tenant = ? AND logged_segment_entry_no = ?

-- name: count_contacts
SELECT count(DISTINCT contact_no) FROM {prefix}log_entry WHERE tenant = ?

-- name: target_companies_logged
SELECT DISTINCT contact_company_no FROM {prefix}log_entry
WHERE tenant = ? AND campaign_no = ? AND campaign_target AND cancel_state = 0 AND NOT postponed

-- name: leave_campaign_entry
UPDATE {prefix}log_entry SET campaign_entry_no = NULL,
    cancel_state = CASE WHEN (cancel_state & 4) = 0 THEN cancel_state ELSE (cancel_state | 1) & ~4 END
WHERE tenant = ? AND campaign_no = ? AND campaign_entry_no = ?

-- name: contacted
SELECT entry.contact_no, count(*) FROM (SELECT * FROM {asked(entries)}) AS entry
WHERE entry.date >= ? AND entry.date <= ?
    AND coalesce(entry.correspondence_type, 0) = ? AND coalesce(entry.logged_segment_entry_no, 0) <> ?
    AND {entry_presses}
GROUP BY entry.contact_no

-- name: entry_presses
entry.cancel_state = 0 AND NOT entry.postponed AND NOT entry.attempt_failed
AND coalesce(entry.information_flow, 1) <> 2
