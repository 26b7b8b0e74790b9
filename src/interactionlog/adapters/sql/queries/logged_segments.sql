-- name: current_logged_segment
SELECT {logged_segment_columns} FROM {prefix}logged_segment WHERE tenant = ? AND segment_no = ? AND state <> 3

-- name: hand_over_segment_language
UPDATE {prefix}segment_language SET logged_segment_entry_no = ?
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = 0 AND removed_by_step = 0

-- name: hand_over_criteria_step
UPDATE {prefix}criteria_step SET logged_segment_entry_no = ?
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = 0

-- name: left_out_lines
SELECT reasons, {segment_line_columns} FROM {prefix}left_out_line
WHERE tenant = ? AND logged_segment_entry_no = ? AND line_no > ? ORDER BY line_no {page}

-- name: reopen_entries
INSERT INTO {prefix}segment_line (tenant, added_by_step, {fields_of_line}) SELECT tenant, 0, {fields_reopened}
FROM {prefix}log_entry WHERE tenant = ? AND logged_segment_entry_no = ? AND resend_of IS NULL

-- name: reopen_left_out
INSERT INTO {prefix}segment_line (tenant, added_by_step, {fields_of_line}) SELECT tenant, 0, {fields_of_line}
FROM {prefix}left_out_line WHERE tenant = ? AND logged_segment_entry_no = ?

-- name: reopen_@ of tables_handed_over
INSERT INTO {@_table} (tenant, {@_columns}) SELECT tenant, {@_open} FROM {@_table}
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = ?

-- name: left_out_contacts
SELECT DISTINCT contact_no FROM {prefix}left_out_line
WHERE tenant = ? AND logged_segment_entry_no = ? AND (contact_no IN ({unfolded})) {row_by_row}
