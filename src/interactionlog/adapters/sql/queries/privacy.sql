-- name: consents_said
SELECT contact_no, given FROM {asked(consents)}
    AND (purpose_code IS NULL OR purpose_code = ?) AND (channel IS NULL OR channel = ?) AND date <= ?
ORDER BY contact_no, date, entry_no

-- name: suppressed_addresses
SELECT DISTINCT address FROM {asked(suppressions)} AND channel IN ('', ?)

-- name: aged_entries
SELECT entry_no FROM {prefix}log_entry
WHERE tenant = ? AND contact_no IS NOT NULL AND date < ? AND entry_no > ?

-- name: aged
ORDER BY entry_no LIMIT (SELECT 1000)

-- name: if_aged_template
interaction_template_code IN ({unfolded})

-- name: is_aged_left_out
tenant = ? AND contact_no IS NOT NULL AND coalesce(date, (
    SELECT creation_date FROM {prefix}logged_segment AS logged
    WHERE logged.tenant = ? AND logged.entry_no = logged_segment_entry_no
)) < ?

-- name: aged_left_out
SELECT {left_out_line_columns} FROM {prefix}left_out_line
WHERE {is_aged_left_out} AND (logged_segment_entry_no, line_no) > (?, ?)

-- name: aged_left_out_in_order
ORDER BY logged_segment_entry_no, line_no LIMIT (SELECT 1000)

-- name: forget_aged_left_out
UPDATE {prefix}left_out_line SET {left_out_line_blanked} WHERE {is_aged_left_out}

-- name: entries_after
SELECT {log_entry_columns} FROM {prefix}log_entry WHERE tenant = ? AND entry_no > ? ORDER BY entry_no {page}

-- name: open_seals
SELECT {entry_seal_columns} FROM {prefix}entry_seal WHERE tenant = ? AND seal_no = 0 ORDER BY entry_no
