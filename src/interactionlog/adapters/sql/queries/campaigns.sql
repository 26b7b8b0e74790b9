-- name: open_campaign_entry
SELECT {campaign_entry_columns} FROM {prefix}campaign_entry
WHERE tenant = ? AND campaign_no = ? AND document_type = ? AND segment_no = ?
    AND register_no = ? AND NOT closed

-- name: campaign_entries_of_campaign
SELECT {campaign_entry_columns} FROM {prefix}campaign_entry WHERE tenant = ? AND campaign_no = ?
ORDER BY entry_no

-- name: campaign_entries_of_register
SELECT {campaign_entry_columns} FROM {prefix}campaign_entry WHERE tenant = ? AND register_no = ?
ORDER BY entry_no

-- name: set_campaign_cancel_reason
UPDATE {prefix}campaign_entry SET cancel_state = cancel_state | ?, closed = true
WHERE tenant = ? AND entry_no IN ({unfolded_numbers})

-- name: clear_campaign_cancel_reason
UPDATE {prefix}campaign_entry SET cancel_state = cancel_state & ~CAST(? AS integer)
WHERE tenant = ? AND entry_no IN ({unfolded_numbers})

-- name: campaign_entries_leave_register
UPDATE {prefix}campaign_entry SET cancel_state = (cancel_state | 1) & ~2, register_no = 0
WHERE tenant = ? AND register_no = ?
