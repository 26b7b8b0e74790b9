-- name: consents_of_contact
SELECT {consent_columns} FROM {prefix}consent WHERE tenant = ? AND contact_no = ? ORDER BY date, entry_no

-- name: consents_said
SELECT contact_no, given FROM {prefix}consent
WHERE tenant = ? AND contact_no IN ({unfolded})
    AND (purpose_code IS NULL OR purpose_code = ?) AND (channel IS NULL OR channel = ?) AND date <= ?
ORDER BY contact_no, date, entry_no

-- name: suppressed_addresses
SELECT DISTINCT address FROM {prefix}suppression
WHERE tenant = ? AND address IN ({unfolded}) AND channel IN ('', ?)
