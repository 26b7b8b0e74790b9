-- name: add_deliveries_of_segment
INSERT INTO {prefix}delivery (
    tenant, entry_no, channel, message_id, state, text, recipient, attempts, requested_at, not_before,
    provider_id
)
SELECT
    entry.tenant, entry.entry_no, CASE entry.correspondence_type WHEN 2 THEN 'mail' ELSE 'letter' END,
    CAST(? AS text) || entry.entry_no, 1, '', '', 0, ?, ?, ''
FROM {prefix}log_entry AS entry
WHERE entry.tenant = ? AND entry.logged_segment_entry_no = ? AND entry.entry_no BETWEEN ? AND ?
    AND entry.delivery_status = 1 AND entry.resend_of IS NULL

-- name: claim_deliveries
WITH chosen (chosen_no) AS MATERIALIZED (
    SELECT entry_no FROM {prefix}delivery
    WHERE tenant = ? AND state = 1 AND not_before <= ? AND channel IN ({unfolded})
    ORDER BY not_before, entry_no {page}
    {skipping_what_others_hold}
)
UPDATE {prefix}delivery SET state = 2, attempts = attempts + 1, claimed_by = ?, claimed_until = ?
WHERE tenant = ? AND entry_no BETWEEN (SELECT min(chosen_no) FROM chosen) AND (SELECT max(chosen_no) FROM chosen)
    AND (entry_no IN (SELECT chosen_no FROM chosen)) {row_by_row}
RETURNING {delivery_columns}

-- name: end_delivery_claims
UPDATE {prefix}delivery SET
    state = CASE WHEN {sent_again} THEN 1 ELSE 5 END,
    settled_at = CASE WHEN {sent_again} THEN NULL ELSE claimed_until END,
    attempts = CASE WHEN begun_at IS NULL THEN attempts - 1 ELSE attempts END,
    reason = CASE WHEN begun_at IS NULL THEN reason ELSE 'claim-ended' END,
    claimed_by = NULL, claimed_until = NULL, begun_at = NULL
WHERE tenant = ? AND state = 2 AND claimed_until <= ? AND (begun_at IS NULL OR channel IN ({unfolded}))

-- name: sent_again
begun_at IS NULL OR (channel IN ({unfolded}) AND attempts < ?)

-- name: deliveries
SELECT {delivery_columns} FROM {prefix}delivery WHERE tenant = ? AND entry_no > ?

-- name: deliveries_in_order
ORDER BY entry_no {page}

-- name: delivery_if_states
state IN ({unfolded_numbers})

-- name: delivery_if_reason
reason = ?

-- name: delivery_if_logged_segment
entry_no BETWEEN (SELECT min(entry_no) {entries_of_logging}) AND (SELECT max(entry_no) {entries_of_logging})
AND (entry_no IN (SELECT entry_no {entries_of_logging})) {row_by_row}

-- name: entries_of_logging
FROM {prefix}log_entry WHERE tenant = ? AND logged_segment_entry_no = ?

-- name: figures_by_delivery_state
SELECT channel, state, reason, count(*) FROM {prefix}delivery WHERE tenant = ?

-- name: by_delivery_state
GROUP BY channel, state, reason ORDER BY channel, state, reason IS NOT NULL, reason

-- name: remove_deliveries_of_entries
DELETE FROM {prefix}delivery WHERE tenant = ? AND entry_no {among(unfolded_numbers)} RETURNING attachment_no

-- name: remove_receipts_of_entries
DELETE FROM {prefix}delivery_receipt WHERE tenant = ? AND entry_no {among(unfolded_numbers)}
