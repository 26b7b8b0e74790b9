-- name: set_campaign_cancel_reason
UPDATE {prefix}campaign_entry SET cancel_state = cancel_state | ?, closed = true
WHERE tenant = ? AND entry_no {among(unfolded_numbers)}

-- name: clear_campaign_cancel_reason
UPDATE {prefix}campaign_entry SET cancel_state = cancel_state & ~CAST(? AS integer)
WHERE tenant = ? AND entry_no {among(unfolded_numbers)}

-- name: campaign_entries_leave_register
UPDATE {prefix}campaign_entry SET cancel_state = (cancel_state | 1) & ~2, register_no = 0
WHERE tenant = ? AND register_no = ?
