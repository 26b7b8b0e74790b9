-- name: lock_segment
UPDATE {prefix}segment SET version = version + 1 WHERE tenant = ? AND no = ? RETURNING {segment_columns}

-- name: lock_segments
UPDATE {prefix}segment SET version = version WHERE tenant = ?

-- name: segment_totals
SELECT count(*), count(contact_no), coalesce(sum(cost_lcy), 0), coalesce(sum(duration_min), 0)
FROM {prefix}segment_line WHERE tenant = ? AND segment_no = ?

-- name: last_line_no
SELECT coalesce(max(line_no), 0)
FROM (
    SELECT max(line_no) AS line_no FROM {prefix}segment_line WHERE tenant = ? AND segment_no = ?
    UNION ALL
    SELECT max(line_no) FROM {prefix}removed_line WHERE tenant = ? AND segment_no = ?
) AS numbers

-- name: lines_after
SELECT {segment_line_columns} FROM {prefix}segment_line WHERE tenant = ? AND segment_no = ? AND line_no > ?
ORDER BY line_no {page}

-- name: lines_between
line.tenant = ? AND line.segment_no = ? AND line.line_no > ? AND line.line_no <= ?

-- name: line_not_left_out
NOT EXISTS (
    SELECT 1 FROM {prefix}left_out_line AS out
    WHERE out.tenant = ? AND out.logged_segment_entry_no = ? AND out.line_no = line.line_no
    LIMIT 1 OFFSET 0
)

-- name: kinds_of_lines
SELECT line.campaign_no, line.salesperson_code, line.interaction_template_code, line.date, count(*),
    count(line.attachment_no), min(line.line_no), max(line.line_no)
FROM (
    SELECT line.campaign_no, line.salesperson_code, line.interaction_template_code, line.date,
        line.attachment_no, line.line_no
    FROM {prefix}segment_line AS line WHERE {lines_between}

-- name: by_kind
    ORDER BY line.line_no {page}
) AS line
GROUP BY line.campaign_no, line.salesperson_code, line.interaction_template_code, line.date
ORDER BY min(line.line_no)

-- name: attachments_of_lines
SELECT DISTINCT attachment_no FROM {prefix}segment_line AS line
WHERE {lines_between} AND attachment_no IS NOT NULL

-- name: known_of_lines
our_known_salespeople (code) AS MATERIALIZED ({unfolded}),
    our_blocked_salespeople (code) AS MATERIALIZED ({unfolded}),
    our_known_templates (code) AS MATERIALIZED ({unfolded}),
    our_known_campaigns (no) AS MATERIALIZED ({unfolded}),
    our_unmergeable_contents (no) AS MATERIALIZED ({unfolded_numbers})

-- name: lines_with_contacts
(
    SELECT line.*, CAST(? AS boolean) AS deliver, CASE WHEN CAST(? AS boolean) THEN
        {on_earlier_line}
        OR EXISTS (
            SELECT 1 FROM {prefix}log_entry AS entry {by_contact}
            WHERE entry.tenant = ? AND entry.contact_no = line.contact_no
                AND +entry.logged_segment_entry_no = CAST(? AS bigint)
            LIMIT 1 OFFSET 0
        )
        OR line.contact_no IN (
            SELECT contact_no FROM {prefix}left_out_line
            WHERE tenant = ? AND logged_segment_entry_no = CAST(? AS bigint)
        )
    ELSE false END AS repeated, (
        SELECT their.e_mail FROM {addresses} AS their
        WHERE their.tenant = ? AND their.{of_contact} = {as_contact_id(line.contact_no)}
            AND their.code = line.contact_alt_address_code LIMIT 1
    ) AS other_e_mail -- asked for a mail to a contact without an address only
    FROM {prefix}segment_line AS line WHERE {lines_between}
) AS line
{join_c}

-- name: lines_with_findings
WITH {known_of_lines}
SELECT {columns_of_line} FROM {lines_with_contacts}
WHERE {any_finding}
ORDER BY line.line_no

-- name: findings_and_masks_of_lines
WITH {known_of_lines}
SELECT line.line_no, CASE WHEN {any_finding} THEN 1 ELSE 0 END, {personal_fields}
FROM {lines_with_contacts} {given_to_lines}
WHERE {any_finding}
    OR ({inherits_all}) IS NOT TRUE
ORDER BY line.line_no

-- name: lines_asked
SELECT {columns_of_line}
FROM (
    SELECT line.*, purpose.code AS purpose, purpose.needs = 'opt-out' AS opt_out, (
        SELECT fact.given FROM {consents} AS fact
        WHERE fact.tenant = ? AND fact.{consent_id} = {as_consent_id(line.contact_no)}
            AND (fact.purpose_code IS NULL OR fact.purpose_code = purpose.code)
            AND (fact.channel IS NULL OR fact.channel = CASE line.correspondence_type
                WHEN 1 THEN 'LETTER' WHEN 2 THEN 'MAIL' END)
            AND fact.date <= CASE WHEN line.date > ? THEN line.date ELSE ? END
        ORDER BY fact.date DESC, fact.entry_no DESC LIMIT 1
    ) AS given,
    CASE WHEN purpose.code IS NOT NULL AND line.correspondence_type = 2 AND EXISTS (
        SELECT 1 FROM {prefix}suppression WHERE tenant = ? AND channel IN ('', 'MAIL')
    ) THEN coalesce((
        SELECT {mailed_address} FROM {contacts} AS contact
        LEFT JOIN {addresses} AS address
            ON address.tenant = ? AND address.{of_contact} = {as_contact_id(line.contact_no)}
                AND address.code = line.contact_alt_address_code
        WHERE contact.tenant = ? AND contact.{contact_id} = {as_contact_id(line.contact_no)}
    ) IN (SELECT address FROM {prefix}suppression WHERE tenant = ? AND channel IN ('', 'MAIL')), true)
    ELSE false END AS suppressed,
    CASE WHEN CAST(? AS boolean) THEN (
        SELECT count(*) FROM {prefix}log_entry AS entry
        WHERE entry.tenant = ? AND entry.contact_no = line.contact_no
            AND coalesce(entry.date, line.date) <= line.date AND coalesce(entry.date, line.date) > {days_before}
            AND coalesce(entry.correspondence_type, 0) = coalesce(line.correspondence_type, 0)
            AND coalesce(entry.logged_segment_entry_no, 0) <> ? AND {entry_presses}
    ) ELSE 0 END AS contacted, CAST(? AS bigint) AS most
    FROM {prefix}segment_line AS line
    LEFT JOIN {prefix}interaction_template AS template
        ON template.tenant = ? AND template.code = line.interaction_template_code
    LEFT JOIN {prefix}purpose AS purpose
        ON purpose.tenant = ? AND purpose.needs <> 'nothing'
            AND purpose.code = coalesce(CAST(? AS text), template.purpose_code)
    WHERE {lines_between}
) AS line
WHERE {any_asked}
ORDER BY line.line_no

-- name: contacts_present
SELECT DISTINCT contact_no FROM {prefix}segment_line
WHERE tenant = ? AND (contact_no IN ({unfolded})) {row_by_row} AND segment_no = ?

-- name: contacts_of_segment
SELECT count(contact_no), count(DISTINCT contact_no) FROM {prefix}segment_line
WHERE tenant = ? AND segment_no = ?

-- name: repeated_lines
SELECT line.line_no FROM {prefix}segment_line AS line
WHERE line.tenant = ? AND line.segment_no = ? AND line.line_no BETWEEN ? AND ? AND {on_earlier_line}

-- name: on_earlier_line
EXISTS (
    SELECT 1 FROM {prefix}segment_line AS earlier
    WHERE earlier.tenant = ? AND earlier.contact_no = line.contact_no
        AND earlier.segment_no || '' = ? AND earlier.line_no < line.line_no
    LIMIT 1 OFFSET 0
)

-- name: remove_lines_through
DELETE FROM {prefix}segment_line WHERE tenant = ? AND segment_no = ? AND line_no <= ?

-- name: target_companies_open
SELECT DISTINCT contact_company_no FROM {prefix}segment_line
WHERE tenant = ? AND campaign_no = ? AND campaign_target

-- name: tables_handed_over
segment_language, criteria_step

-- name: pushed_columns
campaign_no, salesperson_code, interaction_template_code, interaction_group_code, cost_lcy,
duration_min, campaign_target, campaign_response, information_flow, initiated_by, description, date,
send_word_doc_as_attmt, subject, word_template_code, language_code

-- name: push_@ of pushed_columns
UPDATE {prefix}segment_line SET @ = ? WHERE tenant = ?

-- name: line_@ of pushed_columns
@ = ?

-- name: line_@_unset of pushed_columns
@ IS NULL

-- name: line_of_segment
segment_no = ?

-- name: keep_removed_lines
INSERT INTO {prefix}removed_line (tenant, removed_by_step, {segment_line_columns})
SELECT tenant, ?, {segment_line_columns} FROM {prefix}segment_line AS l WHERE tenant = ?

-- name: line_among
l.line_no {among(unfolded_numbers)}

-- name: line_matching
(l.line_no IN (
    {lines_matched}

-- name: line_not_matching
(l.line_no NOT IN (
    {lines_matched}

-- name: lines_matched
WITH our_matched AS (
    SELECT c.no, c.company_no FROM {contacts} AS c WHERE c.tenant = ?

-- name: end_lines_matched
    true)
    SELECT x.line_no FROM {prefix}segment_line AS x
    WHERE x.tenant = ? AND x.segment_no = ? AND (
        x.contact_no IN (SELECT no FROM our_matched)
        OR (? AND x.contact_company_no IN (SELECT company_no FROM our_matched))
    )
)) {row_by_row}

-- name: lines_of_step
SELECT line_no FROM {prefix}removed_line WHERE tenant = ? AND segment_no = ? AND removed_by_step = ?

-- name: remove_kept_lines
DELETE FROM {prefix}segment_line
WHERE tenant = ? AND segment_no = ? AND (line_no IN ({lines_of_step})) {row_by_row}

-- name: keep_removed_languages
UPDATE {prefix}segment_language SET removed_by_step = ?
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = 0 AND removed_by_step = 0
    AND (segment_line_no IN ({lines_of_step})) {row_by_row}

-- name: remove_languages_of_undone_lines
DELETE FROM {prefix}segment_language
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = 0 AND removed_by_step = 0
    AND (+segment_line_no IN (
        SELECT line_no FROM {prefix}segment_line WHERE tenant = ? AND segment_no = ? AND added_by_step = ?
        UNION ALL {lines_of_step}
    )) {row_by_row}

-- name: remove_undone_lines
DELETE FROM {prefix}segment_line
WHERE tenant = ? AND segment_no = ? AND (added_by_step = ? OR line_no IN ({lines_of_step}))

-- name: restore_lines
INSERT INTO {prefix}segment_line (tenant, {segment_line_columns}) SELECT tenant, {segment_line_columns}
FROM {prefix}removed_line WHERE tenant = ? AND segment_no = ? AND removed_by_step = ? ORDER BY line_no

-- name: restore_languages
UPDATE {prefix}segment_language SET removed_by_step = 0
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = 0 AND removed_by_step = ?

-- name: remove_removed_languages
DELETE FROM {prefix}segment_language
WHERE tenant = ? AND segment_no = ? AND logged_segment_entry_no = 0 AND removed_by_step > 0

-- name: step_has_lines
SELECT
    EXISTS (SELECT 1 FROM {prefix}segment_line WHERE tenant = ? AND segment_no = ? AND added_by_step = ?),
    EXISTS (SELECT 1 FROM {prefix}removed_line WHERE tenant = ? AND segment_no = ? AND removed_by_step = ?)

-- name: lines_with_contact
SELECT 0, {segment_line_columns} FROM {prefix}segment_line
WHERE tenant = ? AND contact_no = ? AND segment_no = ? ORDER BY line_no

-- name: removed_with_contact
SELECT removed_by_step, {segment_line_columns} FROM {prefix}removed_line
WHERE tenant = ? AND contact_no = ? AND segment_no = ? ORDER BY removed_by_step, line_no

-- name: write_lines
INSERT INTO {prefix}segment_line (tenant, {segment_line_columns})
SELECT s.tenant, s.no, ? + 10000 * c.nth, c.no, c.company_no, s.campaign_no, {given_to_new_lines}
FROM ( -- what is sorted is narrow
    SELECT c.no, c.company_no, c.salesperson_code, c.correspondence_type, c.language_code,
        row_number() OVER ({contacts_in_order}) AS nth
    FROM {contacts} AS c WHERE c.tenant = ? AND NOT c.privacy_blocked

-- name: end_lines
) AS c {given_to_lines}

-- name: write_logged_lines
INSERT INTO {prefix}segment_line (tenant, {segment_line_columns})
SELECT s.tenant, s.no, ? + 10000 * row_number() OVER (ORDER BY line.entry_no), c.no, c.company_no,
    line.campaign_no, {given_to_new_lines}
FROM (
    SELECT e.contact_no, e.campaign_no, e.entry_no,
        row_number() OVER (PARTITION BY e.contact_no ORDER BY e.entry_no) AS nth
    FROM {prefix}log_entry AS e WHERE e.tenant = ? AND e.logged_segment_entry_no = ?

-- name: end_logged_lines
) AS line {join_c} {given_to_lines}
WHERE c.no IS NOT NULL AND NOT c.privacy_blocked
    AND (CAST(? AS boolean) OR (line.nth = 1 AND {contact_not_on_line}))

-- name: given_to_new_lines
{given_salesperson_code}, {given_correspondence_type},
    s.interaction_template_code, s.interaction_group_code, s.unit_cost_lcy, s.unit_duration_min,
    {given_attachment_no}, s.campaign_response, s.campaign_target, s.information_flow, s.initiated_by,
    (
        SELECT p.code FROM {address_periods} AS p
        WHERE p.tenant = ? AND p.{of_contact} = {as_contact_id(c.no)}
            AND p.starting_date <= s.date AND (p.ending_date IS NULL OR p.ending_date >= s.date)
        ORDER BY p.starting_date DESC LIMIT 1
    ),
    NULL, {given_language_code}, s.description, s.date, NULL, false, NULL, s.send_word_docs_as_attmt, '',
    {given_subject}, NULL, {given_word_template_code}, false, ?

-- name: given_salesperson_code
coalesce(s.salesperson_code, c.salesperson_code)

-- name: given_correspondence_type
CASE
    WHEN s.ignore_contact_corres_type AND s.correspondence_type_default IS NOT NULL
        THEN s.correspondence_type_default
    WHEN t.code IS NOT NULL AND (t.ignore_contact_corres_type OR c.correspondence_type IS NULL)
        THEN t.correspondence_type_default
    ELSE c.correspondence_type
END

-- name: given_language_code
CASE WHEN own.tenant IS NULL THEN s.language_code_default ELSE nullif(own.language_code, '') END

-- name: given_attachment_no
CASE WHEN own.tenant IS NULL THEN standard.attachment_no ELSE own.attachment_no END

-- name: given_subject
CASE
    WHEN own.tenant IS NOT NULL THEN own.subject
    WHEN standard.tenant IS NOT NULL THEN standard.subject ELSE s.subject_default
END

-- name: given_word_template_code
CASE
    WHEN own.tenant IS NOT NULL THEN own.word_template_code
    WHEN standard.tenant IS NOT NULL THEN standard.word_template_code ELSE s.word_template_code
END

-- name: given_to_lines
-- what lines of a segment s inherit for a contact c
JOIN {prefix}segment AS s ON s.tenant = ? AND s.no = ?
LEFT JOIN {prefix}interaction_template AS t ON t.tenant = ? AND t.code = s.interaction_template_code
LEFT JOIN {prefix}segment_language AS own
    ON own.tenant = ? AND own.segment_no = ? AND own.logged_segment_entry_no = 0
        AND own.removed_by_step = 0 AND own.segment_line_no = 0
        AND own.language_code = {spoken_language}
LEFT JOIN {prefix}segment_language AS standard ON standard.tenant = ? AND standard.segment_no = ?
        AND standard.logged_segment_entry_no = 0 AND standard.removed_by_step = 0
        AND standard.segment_line_no = 0 AND standard.language_code = coalesce(s.language_code_default, '')

-- name: spoken_language
-- a contact's language, or DE for DE-AT where that is offered: the longest of them comes last
CASE WHEN c.language_code LIKE '%-%' THEN (
    SELECT max(offered.language_code) FROM {prefix}segment_language AS offered
    WHERE offered.tenant = ? AND offered.segment_no = ? AND offered.logged_segment_entry_no = 0
        AND offered.removed_by_step = 0 AND offered.segment_line_no = 0 AND offered.language_code <> ''
        AND substr(c.language_code || '-', 1, length(offered.language_code) + 1) = offered.language_code || '-'
) ELSE coalesce(c.language_code, '') END

-- name: contact_not_excluded
NOT c.exclude_from_segment

-- name: contact_not_on_line
NOT EXISTS (
    SELECT 1 FROM {prefix}segment_line AS there
    WHERE there.tenant = ? AND there.contact_no = c.no AND there.segment_no || '' = ?
    LIMIT 1 OFFSET 0
)

-- name: follow_addresses
UPDATE {prefix}segment_line AS l
SET contact_alt_address_code = (
    SELECT p.code FROM {address_periods} AS p
    WHERE p.tenant = ? AND p.{of_contact} = {as_contact_id(l.contact_no)}
        AND p.starting_date <= ? AND (p.ending_date IS NULL OR p.ending_date >= ?)
    ORDER BY p.starting_date DESC LIMIT 1
)
WHERE tenant = ?

-- name: address_of_its_date
EXISTS (
    SELECT 1 FROM {address_periods} AS p
    WHERE p.tenant = ? AND p.{of_contact} = {as_contact_id(l.contact_no)}
)
AND coalesce(contact_alt_address_code, '') = coalesce((
    SELECT p.code FROM {address_periods} AS p
    WHERE p.tenant = ? AND p.{of_contact} = {as_contact_id(l.contact_no)}
        AND p.starting_date <= l.date AND (p.ending_date IS NULL OR p.ending_date >= l.date)
    ORDER BY p.starting_date DESC LIMIT 1
), '')
