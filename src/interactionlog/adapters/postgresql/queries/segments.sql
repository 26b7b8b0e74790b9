-- What PostgreSQL has to be asked in another way. Tables that were not analyzed since they grew, or
-- since a tenant came, make it believe that a segment has one line: it would then read the segment
-- once for each line where EXISTS asks for earlier ones. Contacts first, it reads it once.

-- name: repeated_lines
SELECT line.line_no
FROM (VALUES (CAST(? AS text), CAST(? AS text), CAST(? AS bigint), CAST(? AS bigint)))
    AS asked (tenant, segment_no, first_line_no, last_line_no)
CROSS JOIN LATERAL (
    SELECT line_no, min(line_no) OVER (PARTITION BY contact_no) AS earliest_line_no
    FROM {prefix}segment_line AS earlier
    WHERE earlier.tenant = asked.tenant AND earlier.segment_no = asked.segment_no
        AND earlier.line_no <= asked.last_line_no
        AND earlier.contact_no = ANY (ARRAY(
            SELECT meant.contact_no
            FROM {prefix}segment_line AS meant
            WHERE meant.tenant = asked.tenant AND meant.segment_no = asked.segment_no
                AND meant.line_no BETWEEN asked.first_line_no AND asked.last_line_no
        ))
) AS line
WHERE line.line_no BETWEEN asked.first_line_no AND asked.last_line_no
    AND line.line_no > line.earliest_line_no
