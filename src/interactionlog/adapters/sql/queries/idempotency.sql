-- name: forget_idempotency_keys
DELETE FROM {prefix}idempotency_key WHERE tenant = ? AND recorded_at < ?
