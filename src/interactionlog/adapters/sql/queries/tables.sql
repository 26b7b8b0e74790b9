-- What every table needs; names of tables, columns and keys come from their description.
-- contact_membership_2 is that table by the first two parts of its key, entry_delivery its rows of entries.

-- name: mark
?

-- name: page
LIMIT (SELECT CAST(? AS bigint))

-- name: add_@ of tables
INSERT INTO {@_table} (tenant, {@_all}) VALUES ({@_marks})

-- name: put_@ of entities
{add_@} ON CONFLICT ({@_key}) DO UPDATE SET {@_excluded}

-- name: replace_@ of entities
UPDATE {@_table} SET {@_assigned} WHERE {@_where}

-- name: set_@ of keyed
UPDATE {@_table} SET * WHERE {@_where}

-- name: set_@ of unkeyed
{add_@} ON CONFLICT ({@_key}) DO UPDATE SET *

-- name: set_some_@ of listed
UPDATE {@_table} SET * WHERE {@_some}

-- name: lock_@ of entities
UPDATE {@_table} SET {@_touched} WHERE {@_where} RETURNING {@_columns}

-- name: find_@ of entities
SELECT {@_columns} FROM {@_table} WHERE {@_where}

-- name: where_@ of entities
SELECT {@_columns} FROM {@_table} WHERE tenant = ?

-- name: wrong_@ of tables
SELECT {@_key} FROM {@_table} WHERE tenant = ? AND ({@_wrong}) LIMIT 3

-- name: all_@ of lists
SELECT {@_columns} FROM {@_table} WHERE {@_where} ORDER BY {@_order}

-- name: rename_@ of renamings
UPDATE {@_table} SET {@_first} = ? WHERE {@_where}

-- name: remove_@ of removals
DELETE FROM {@_table} WHERE {@_where}

-- name: remove_some_@ of listed
DELETE FROM {@_table} WHERE {@_some}

-- name: of_@ of owned
SELECT {@_columns} FROM {@_table} WHERE {@_owned} ORDER BY {@_order}

-- name: forget_@ of kept
UPDATE {@_table} SET {@_blanked} WHERE {@_owned}

-- name: forget_@ of removed
DELETE FROM {@_table} WHERE {@_owned}
