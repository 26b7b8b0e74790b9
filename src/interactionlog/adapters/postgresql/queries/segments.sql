-- What PostgreSQL has to be asked in another way. Tables that were not analyzed since they grew make
-- it believe that a segment has one line or a logging one entry, which it would then read whole for
-- each line or contact in turn. OFFSET keeps a subquery from becoming such a join, and an expression
-- is nothing that the primary key could answer, so that the index on contacts does.

-- name: repeated_lines
SELECT line.line_no
FROM {prefix}segment_line AS line
WHERE line.tenant = ? AND line.segment_no = ? AND line.line_no BETWEEN ? AND ?
    AND EXISTS (
        SELECT 1 FROM {prefix}segment_line AS earlier
        WHERE earlier.tenant = line.tenant AND earlier.contact_no = line.contact_no
            AND earlier.segment_no || '' = line.segment_no AND earlier.line_no < line.line_no
        OFFSET 0
    )

-- name: entries_of_logged_segment_with
SELECT {log_entry_columns}
FROM {prefix}log_entry
WHERE tenant = ? AND logged_segment_entry_no = ? AND entry_no = ANY (ARRAY(
    SELECT entry.entry_no
    FROM (VALUES (CAST(? AS text))) AS asked (tenant)
    CROSS JOIN (SELECT DISTINCT contact_no FROM ({unfolded}) AS each (contact_no)) AS meant
    CROSS JOIN LATERAL (
        SELECT their.entry_no
        FROM {prefix}log_entry AS their
        WHERE their.tenant = asked.tenant AND their.contact_no = meant.contact_no
        OFFSET 0
    ) AS entry
))
ORDER BY entry_no

-- name: left_out_contacts
SELECT DISTINCT contact_no
FROM {prefix}left_out_line
WHERE tenant = ? AND logged_segment_entry_no = ? AND (contact_no IN ({unfolded})) IS TRUE
