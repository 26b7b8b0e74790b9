-- name: idempotency_key_columns
key, operation, fingerprint, result_kind, result_no, user_id, recorded_at

-- name: add_idempotency_key
INSERT INTO {prefix}idempotency_key (
    tenant, {idempotency_key_columns}
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: find_idempotency_key
SELECT {idempotency_key_columns}
FROM {prefix}idempotency_key
WHERE tenant = ? AND key = ?

-- name: remove_idempotency_key
DELETE FROM {prefix}idempotency_key
WHERE tenant = ? AND key = ?

-- name: all_idempotency_key
SELECT {idempotency_key_columns}
FROM {prefix}idempotency_key
WHERE tenant = ?
ORDER BY key

-- name: forget_idempotency_keys
DELETE FROM {prefix}idempotency_key
WHERE tenant = ? AND recorded_at < ?
