-- name: schema_table
-- in this order: another may commit its tables in between
SELECT count(to_regclass('{prefix}contact')) + count(to_regclass('{prefix}log_entry')),
    count(to_regclass('{prefix}schema_version'))

-- name: record_migration
-- forgotten with the end of the transaction, or of the savepoint that is gone back to
SELECT set_config('interactionlog.migrated', 'yes', true)

-- name: migrated_here
SELECT coalesce(current_setting('interactionlog.migrated', true), '') <> ''

-- name: lock_schema_version
SELECT version FROM {prefix}schema_version WHERE tenant = '' ORDER BY version FOR UPDATE

-- name: hold_@ of entities
{find_@} FOR SHARE

-- name: touch_@ of touched
UPDATE {@_table} SET {@_touched}
WHERE {@_where} AND current_setting('transaction_isolation') <> 'read committed'

-- name: by_contact
-- PostgreSQL needs no hint

-- name: unfolded
SELECT jsonb_array_elements_text(?::jsonb) AS value

-- name: among
= ANY (ARRAY({@}))

-- name: unfolded_numbers
SELECT jsonb_array_elements_text(?::jsonb)::bigint

-- name: having_@ of listed
-- one by one by the whole key: without statistics a join finds all that begin alike, for each again
SELECT found.* FROM ({@_unfolded}) AS wanted (value) CROSS JOIN LATERAL (
    SELECT {@_columns} FROM {@_table} WHERE {@_first_parts} AND {@_last} = wanted.value OFFSET 0
) AS found

-- name: among_@ of keyed
SELECT found.* FROM (SELECT {@_parts_of_key} FROM jsonb_array_elements(?::jsonb) AS given OFFSET 0) AS wanted
CROSS JOIN LATERAL (SELECT {@_columns} FROM {@_table} WHERE tenant = ? AND {@_is_wanted} OFFSET 0) AS found

-- name: contacts_of_companies
SELECT wanted.value, found.no FROM ({unfolded}) AS wanted (value) CROSS JOIN LATERAL (
    SELECT no FROM {prefix}contact WHERE tenant = ? AND company_no = wanted.value AND no <> wanted.value
    ORDER BY no LIMIT 1
) AS found

-- name: contacts_keyed
SELECT found.* FROM ({unfolded}) AS wanted (value) CROSS JOIN LATERAL (
    SELECT record_no, external_id FROM {prefix}external_key
    WHERE tenant = ? AND source = ? AND target = 'contact' AND record_no = wanted.value OFFSET 0
) AS found

-- name: contacts_with_@ of reached_columns
SELECT found.* FROM ({unfolded}) AS wanted (value) CROSS JOIN LATERAL (
    SELECT no, {reached_@} FROM {prefix}contact WHERE tenant = ? AND @ <> '' AND {reached_@} = wanted.value OFFSET 0
) AS found

-- name: asked_for_lines
our_asked (masks, entries) AS (
    SELECT ?::jsonb, jsonb_object_agg(campaign_no, entry_no) FROM {prefix}campaign_entry
    WHERE tenant = ? AND register_no = ? AND document_type = 0 AND NOT closed
)

-- name: campaign_entry_of_line
(our_asked.entries ->> line.campaign_no)::bigint

-- name: number_of_line
coalesce((?::bigint[])[nth], ?::bigint + nth)

-- name: mask_of_line
coalesce((our_asked.masks ->> line.line_no::text)::bigint, 0)

-- name: numbered_columns
line.*

-- name: numbered_lines
line

-- name: lock_number_counter
WITH line AS (
    UPDATE {prefix}no_series_line SET step = step
    WHERE tenant = ? AND series_code = ? AND line_no = ?
    RETURNING tenant, series_code, line_no
)
INSERT INTO {prefix}number_counter AS c (
    tenant, series_code, line_no, period_key, last_value, last_date, version
)
SELECT tenant, series_code, line_no, ?, NULL, NULL, 0 FROM line
ON CONFLICT (tenant, series_code, line_no, period_key) DO UPDATE SET version = c.version
RETURNING {number_counter_columns}

-- name: next_numbers_of_@ of entry_kinds
SELECT coalesce(min(no), 1), coalesce(max(no), 0), CASE WHEN max(no) - min(no) >= count(*) THEN array_agg(no) END
FROM (SELECT nextval('{prefix}@_no') AS no FROM generate_series(1, ?::bigint)) AS drawn

-- name: last_number_of_@ of entry_kinds
SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {prefix}@_no

-- name: skip_numbers_of_@ of entry_kinds
SELECT setval('{prefix}@_no', ?::bigint)

-- name: @_any_of of filter_columns
CAST(@ AS text) IN ({unfolded})

-- name: @_any_of_or_blank of filter_columns
(coalesce(CAST(@ AS text), '') = '' OR CAST(@ AS text) IN ({unfolded}))

-- name: owners_of_entries
contact, entry

-- name: lock_logged_of_@ of owners_of_entries
-- written, so that who has read before and waits for it is repeated under REPEATABLE READ
UPDATE {prefix}logged_segment SET state = state WHERE tenant = ? AND entry_no = ANY (ARRAY(
    SELECT DISTINCT logged_segment_entry_no FROM {prefix}log_entry WHERE {@_log_entry_owned}
))

-- name: lock_entries_of_@ of owners_of_entries
{of_@_log_entry} FOR UPDATE

-- name: locked_after
{entries_after} FOR UPDATE

-- name: skipping_what_others_hold
FOR UPDATE SKIP LOCKED

-- name: mailed_address
CASE WHEN concat(address.e_mail, contact.e_mail) ~ '[^!-+.-:=@-~-]' THEN NULL
    ELSE lower(coalesce(nullif(address.e_mail, ''), contact.e_mail) COLLATE "C") END

-- name: days_before
line.date - CAST(? AS integer)
