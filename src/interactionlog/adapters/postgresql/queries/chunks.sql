-- What a chunk of lines looks up, asked so that PostgreSQL reads no more than its rows even while it has
-- no statistics. It then believes that a segment has one line, a tenant few contacts and a logging one
-- entry, and would read them whole for each chunk, or for each line in turn.
--   OFFSET 0 keeps a subquery from becoming a join: it is asked once for each row, by index.
--   An expression (|| '', + 0, coalesce) is nothing that an index on that column could answer; another one does.
--   A limit that is not known beforehand makes a page cheap to begin: the primary key gives its rows in
--   order, where a known one above the rows believed in would have all that are left read and sorted.
--   A condition that always holds (added_by_step >= 0), on a column of no index, asks for the rows
--   themselves: an index that has all other columns, in a useless order, cannot answer instead of them.
--   IS TRUE keeps IN from becoming a join: the list is looked up for each row that is read once.

-- name: row_by_row
IS TRUE

-- name: asked
(VALUES (CAST(? AS text))) AS asked (of_tenant) CROSS JOIN ({ids_of_@}) AS wanted (id) CROSS JOIN LATERAL (
    SELECT * FROM {@} AS their WHERE their.tenant = asked.of_tenant AND their.{id_in_@} = wanted.id OFFSET 0
) AS found WHERE true

-- name: join_c
LEFT JOIN LATERAL (
    SELECT * FROM {contacts} AS their
    WHERE their.tenant = ? AND their.{contact_id} = {as_contact_id(line.contact_no)}
    OFFSET 0
) AS c ON true

-- name: entries_of_logged_segment_with
SELECT {log_entry_columns} FROM (VALUES (CAST(? AS text), CAST(? AS bigint), CAST(? AS text)))
    AS asked (of_tenant, of_logging, of_same_tenant)
CROSS JOIN (SELECT DISTINCT no FROM ({unfolded}) AS each (no)) AS wanted
CROSS JOIN LATERAL (
    SELECT * FROM {prefix}log_entry AS their
    WHERE their.tenant = asked.of_tenant AND their.contact_no = wanted.no
        AND their.logged_segment_entry_no + 0 = asked.of_logging
    OFFSET 0
) AS entry
ORDER BY entry_no
