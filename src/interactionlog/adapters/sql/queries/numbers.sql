-- name: number_lines_on
SELECT
    s.code, s.description, s.default_nos, s.manual_nos, s.date_order, s.ledger,
    l.line_no, l.starting_date, l.prefix, l.width, l.suffix, l.first_value,
    l.last_allowed, l.warning_value, l.step, l.policy, l.growth, l.template, l.reset_period,
    c.last_value, c.last_date, c.version
FROM (SELECT * FROM {prefix}no_series WHERE tenant = ? AND code = ?) AS s
LEFT JOIN {prefix}no_series_line AS l ON l.tenant = ? AND l.series_code = s.code
    AND (l.starting_date IS NULL OR l.starting_date <= ?)
    AND NOT EXISTS (
        SELECT 1 FROM {prefix}no_series_line AS newer
        WHERE newer.tenant = ? AND newer.series_code = l.series_code AND newer.starting_date <= ?
            AND (l.starting_date IS NULL OR newer.starting_date > l.starting_date)
    )
LEFT JOIN {prefix}number_counter AS c
    ON c.tenant = ? AND c.series_code = l.series_code AND c.line_no = l.line_no
    AND c.period_key = CASE l.reset_period
        WHEN 0 THEN '' WHEN 1 THEN ? WHEN 2 THEN ? WHEN 3 THEN ? WHEN 4 THEN ? ELSE ? END
ORDER BY l.line_no

-- name: advance_number_counter
INSERT INTO {prefix}number_counter AS c (
    tenant, series_code, line_no, period_key, last_value, last_date, version
)
VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT (tenant, series_code, line_no, period_key) DO UPDATE
SET last_value = excluded.last_value, last_date = excluded.last_date, version = c.version + 1

-- name: number_ledger_above
SELECT {number_ledger_columns} FROM {prefix}number_ledger AS l
WHERE l.tenant = ? AND l.series_code = ? AND l.line_no = ? AND l.period_key = ?
    AND l.first_value >= COALESCE((
        SELECT MAX(n.first_value) FROM {prefix}number_ledger AS n
        WHERE n.tenant = ? AND n.series_code = l.series_code
            AND n.line_no = l.line_no AND n.period_key = l.period_key AND n.first_value <= ?
    ), 0)
    AND l.last_value > ?
ORDER BY l.first_value LIMIT ?
