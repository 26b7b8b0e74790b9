-- name: indexes_of_@ of tables
-- the indexes of a table: whether each is valid, and what counts a tenant's rows in its order, for a check
SELECT CAST(indexrelid AS bigint), CAST(CAST(indexrelid AS regclass) AS text), indisvalid AND indisready,
    'SELECT CAST(' || indexrelid || ' AS bigint), count(*) FROM (SELECT 1 FROM {@_table} WHERE tenant = $tenant AND ('
        || coalesce(pg_get_expr(indpred, indrelid), 'true') || ') ORDER BY ' || (
        SELECT string_agg(
            pg_get_indexdef(indexrelid, part, true)
                || CASE WHEN indoption[part - 1] & 1 = 1 THEN ' DESC' ELSE '' END, ', ' ORDER BY part)
        FROM generate_series(1, indnkeyatts) AS part
    ) || ' OFFSET 0) AS theirs'
FROM pg_index WHERE indrelid = CAST('{@_table}' AS regclass)

-- name: planner
SELECT current_setting('transaction_isolation'), current_setting('enable_seqscan'), current_setting('enable_sort'),
    current_setting('enable_indexscan'), current_setting('enable_indexonlyscan'), current_setting('enable_bitmapscan')

-- name: set_planner
SELECT set_config('enable_seqscan', ?, true), set_config('enable_sort', ?, true),
    set_config('enable_indexscan', ?, true), set_config('enable_indexonlyscan', ?, true),
    set_config('enable_bitmapscan', ?, true)
