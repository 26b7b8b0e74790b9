-- name: schema_version
SELECT tenant, version FROM {prefix}schema_version ORDER BY version DESC LIMIT 1
