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

-- name: standing_logged_segment
SELECT {logged_segment_columns}
FROM {prefix}logged_segment
WHERE tenant = ? AND segment_no = ? AND state <> 3

-- name: take_over_languages
UPDATE {prefix}segment_language
SET logged_segment_entry_no = ?
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = 0 AND removed_by_step = 0

-- name: take_over_steps
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
