-- name: schema_table
SELECT count(*), count(CASE name WHEN '{prefix}schema_version' THEN 1 END) FROM sqlite_master
WHERE type = 'table' AND name IN ('{prefix}contact', '{prefix}log_entry', '{prefix}schema_version')

-- name: whole_cost
sum(CASE typeof(cost_lcy) WHEN 'integer' THEN cost_lcy / 100000 ELSE 0.5 END)

-- name: exact_cost
-- sum(cost_lcy) where that ends at 2^63; a float, as that is, where one of them is no whole number
CASE typeof({whole_cost}) WHEN 'integer' THEN
    ({whole_cost} + sum(cost_lcy % 100000) / 100000) || printf('.%05d', sum(cost_lcy % 100000) % 100000)
ELSE {whole_cost} END

-- name: unfolded
SELECT value FROM json_each(?)

-- name: asked
{@} AS found WHERE tenant = ? AND {id_in_@} IN ({ids_of_@})

-- name: among
IN ({@})

-- name: unfolded_numbers
SELECT value FROM json_each(?)

-- name: among_@ of keyed
SELECT {@_columns} FROM (SELECT {@_parts_of_key} FROM json_each(?)) AS wanted CROSS JOIN {@_table}
WHERE tenant = ? AND {@_is_wanted}

-- name: having_@ of listed
SELECT {@_columns} FROM {@_table} WHERE {@_last} IN ({@_unfolded}) AND {@_first_parts}

-- name: by_contact
-- without statistics the tenant alone is believed to find as few rows
INDEXED BY {prefix}log_entry_contact

-- name: asked_for_lines
our_masks (line_no, mask) AS MATERIALIZED (SELECT CAST(key AS integer), value FROM json_each(?)),
our_asked (of_tenant, register_no) AS (SELECT ?, ?)

-- name: campaign_entry_of_line
(
    SELECT entry_no FROM {prefix}campaign_entry AS parent
    WHERE parent.tenant = our_asked.of_tenant AND parent.campaign_no = line.campaign_no
        AND parent.document_type = 0 AND parent.segment_no = line.segment_no
        AND parent.register_no = our_asked.register_no AND NOT parent.closed
)

-- name: join_c
{several_lines}
LEFT JOIN {contacts} AS c ON c.tenant = ? AND c.{contact_id} = {as_contact_id(line.contact_no)}

-- name: number_of_line
? + nth

-- name: mask_of_line
coalesce((SELECT mask FROM our_masks WHERE our_masks.line_no = line.line_no), 0)

-- name: numbered_columns
-- a window over whole rows would keep them all
line.tenant, line.segment_no, line.line_no

-- name: numbered_lines
numbered CROSS JOIN {prefix}segment_line AS line
    ON line.tenant = numbered.tenant AND line.segment_no = numbered.segment_no
        AND line.line_no = numbered.line_no

-- name: row_by_row

-- name: reserve_numbers
INSERT INTO {prefix}entry_counter AS counter (tenant, kind, last_value) VALUES (?, ?, ?)
ON CONFLICT (tenant, kind) DO UPDATE SET last_value = counter.last_value + excluded.last_value
RETURNING last_value

-- name: last_number
SELECT last_value FROM {prefix}entry_counter WHERE tenant = ? AND kind = ?

-- name: raise_counter
INSERT INTO {prefix}entry_counter AS counter (tenant, kind, last_value) VALUES (?, ?, ?)
ON CONFLICT (tenant, kind) DO UPDATE SET last_value = excluded.last_value
WHERE counter.last_value < excluded.last_value

-- name: skipping_what_others_hold
-- one transaction writes at a time

-- name: mailed_address
CASE WHEN coalesce(address.e_mail, '') || contact.e_mail GLOB '*[^!-+.-:=@-~-]*' THEN NULL
    ELSE lower(coalesce(nullif(address.e_mail, ''), contact.e_mail)) END

-- name: days_before
date(line.date, '-' || ? || ' days')
