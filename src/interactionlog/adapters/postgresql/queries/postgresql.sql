-- name: schema_table
SELECT count(to_regclass('{prefix}schema_version'))

-- name: lock_schema_version
SELECT version
FROM {prefix}schema_version
WHERE tenant = ''
ORDER BY version
FOR UPDATE

-- name: unfolded
SELECT jsonb_array_elements_text(?::jsonb)

-- name: unfolded_numbers
SELECT jsonb_array_elements_text(?::jsonb)::bigint

-- name: unless_taken
ON CONFLICT DO NOTHING

-- name: next_numbers
SELECT nextval(('{prefix}' || ?::text || '_no')::regclass)
FROM generate_series(1, ?::bigint)

-- name: last_number_of_attachment
SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END
FROM {prefix}attachment_no

-- name: last_number_of_campaign_entry
SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END
FROM {prefix}campaign_entry_no

-- name: last_number_of_log_entry
SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END
FROM {prefix}log_entry_no

-- name: last_number_of_logged_segment
SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END
FROM {prefix}logged_segment_no

-- name: skip_numbers
SELECT setval(('{prefix}' || ?::text || '_no')::regclass, ?::bigint)

-- name: @_any_of of filter_columns
CAST(@ AS text) IN ({unfolded})

-- name: @_not_any_of of filter_columns
NOT coalesce(CAST(@ AS text) IN ({unfolded}), false)

-- name: @_any_of_or_blank of filter_columns
(coalesce(CAST(@ AS text), '') = '' OR CAST(@ AS text) IN ({unfolded}))

-- name: @_not_any_of_or_blank of filter_columns
NOT (coalesce(CAST(@ AS text), '') = '' OR CAST(@ AS text) IN ({unfolded}))
