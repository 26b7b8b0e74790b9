-- name: campaign_columns
no, description, starting_date, ending_date, salesperson_code, status_code, last_date_modified,
no_series, activated

-- name: add_campaign
INSERT INTO {prefix}campaign (
    tenant, {campaign_columns}
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: find_campaign
SELECT {campaign_columns}
FROM {prefix}campaign
WHERE tenant = ? AND no = ?

-- name: remove_campaign
DELETE FROM {prefix}campaign
WHERE tenant = ? AND no = ?

-- name: all_campaign
SELECT {campaign_columns}
FROM {prefix}campaign
WHERE tenant = ?
ORDER BY no

-- name: campaign_entry_columns
entry_no, campaign_no, description, date, user_id, segment_no, salesperson_code, register_no,
document_type, cancel_state, closed

-- name: add_campaign_entry
INSERT INTO {prefix}campaign_entry (
    tenant, {campaign_entry_columns}
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: find_campaign_entry
SELECT {campaign_entry_columns}
FROM {prefix}campaign_entry
WHERE tenant = ? AND entry_no = ?

-- name: remove_campaign_entry
DELETE FROM {prefix}campaign_entry
WHERE tenant = ? AND entry_no = ?

-- name: all_campaign_entry
SELECT {campaign_entry_columns}
FROM {prefix}campaign_entry
WHERE tenant = ?
ORDER BY entry_no

-- name: open_campaign_entry
SELECT {campaign_entry_columns}
FROM {prefix}campaign_entry
WHERE tenant = ? AND campaign_no = ? AND document_type = ? AND segment_no = ?
    AND register_no = ? AND NOT closed

-- name: campaign_entries_of_campaign
SELECT {campaign_entry_columns}
FROM {prefix}campaign_entry
WHERE tenant = ? AND campaign_no = ?
ORDER BY entry_no

-- name: campaign_entries_of_register
SELECT {campaign_entry_columns}
FROM {prefix}campaign_entry
WHERE tenant = ? AND register_no = ?
ORDER BY entry_no

-- name: set_campaign_cancel_reason
UPDATE {prefix}campaign_entry
SET cancel_state = cancel_state | ?, closed = true
WHERE tenant = ? AND entry_no IN ({unfolded_numbers})

-- name: clear_campaign_cancel_reason
UPDATE {prefix}campaign_entry
SET cancel_state = cancel_state & ~CAST(? AS integer)
WHERE tenant = ? AND entry_no IN ({unfolded_numbers})

-- name: campaign_entries_leave_register
UPDATE {prefix}campaign_entry
SET cancel_state = (cancel_state | 1) & ~2, register_no = 0
WHERE tenant = ? AND register_no = ?
