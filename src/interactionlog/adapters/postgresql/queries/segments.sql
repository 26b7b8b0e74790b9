-- What PostgreSQL has to be asked in another way. Tables that were not analyzed since they grew make
-- it believe that a segment has one line or a logging one entry, which it would then read whole for
-- each line or contact in turn. OFFSET keeps a subquery from becoming such a join, and an expression
-- is nothing that the primary key could answer, so that the index on contacts does. A limit that is not
-- known beforehand makes a page cheap to begin: the primary key gives its lines in order, where a known
-- limit above the lines believed in would have all that are left read and sorted.

-- name: lines_after
SELECT {segment_line_columns}
FROM {prefix}segment_line
WHERE tenant = ? AND segment_no = ? AND line_no > ?
ORDER BY line_no
LIMIT (SELECT CAST(? AS bigint))

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
FROM (VALUES (CAST(? AS text), CAST(? AS bigint), CAST(? AS text)))
    AS asked (of_tenant, of_logging, of_same_tenant)
CROSS JOIN (SELECT DISTINCT no FROM ({unfolded}) AS each (no)) AS meant
CROSS JOIN LATERAL (
    SELECT *
    FROM {prefix}log_entry AS their
    WHERE their.tenant = asked.of_tenant AND their.contact_no = meant.no
        AND their.logged_segment_entry_no + 0 = asked.of_logging
    OFFSET 0
) AS entry
ORDER BY entry_no

-- name: left_out_contacts
SELECT DISTINCT contact_no
FROM {prefix}left_out_line
WHERE tenant = ? AND logged_segment_entry_no = ? AND (contact_no IN ({unfolded})) IS TRUE
