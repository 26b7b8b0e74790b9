-- name: schema_version
SELECT tenant, version
FROM {prefix}schema_version
ORDER BY version DESC
LIMIT 1

-- name: add_schema_version
INSERT INTO {prefix}schema_version (tenant, version, recorded_at)
VALUES ('', ?, ?)
