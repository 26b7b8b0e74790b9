-- name: consents_said
SELECT contact_no, given FROM {consents} AS fact
WHERE tenant = ? AND {consent_id} IN ({consent_ids})
    AND (purpose_code IS NULL OR purpose_code = ?) AND (channel IS NULL OR channel = ?) AND date <= ?
ORDER BY contact_no, date, entry_no

-- name: suppressed_addresses
SELECT DISTINCT address FROM {prefix}suppression
WHERE tenant = ? AND address IN ({unfolded}) AND channel IN ('', ?)

-- name: aged_entries
SELECT entry_no FROM {prefix}log_entry
WHERE tenant = ? AND contact_no IS NOT NULL AND date < ? AND entry_no > ?

-- name: aged
ORDER BY entry_no LIMIT 1000

-- name: if_aged_template
interaction_template_code IN ({unfolded})

-- name: forget_aged_left_out
UPDATE {prefix}left_out_line SET {left_out_line_blanked}
WHERE tenant = ? AND contact_no IS NOT NULL AND date < ?

-- name: entries_after
SELECT {log_entry_columns} FROM {prefix}log_entry WHERE tenant = ? AND entry_no > ? ORDER BY entry_no LIMIT ?

-- name: open_seals
SELECT entry_no FROM {prefix}entry_seal WHERE tenant = ? AND seal_no = 0 ORDER BY entry_no
