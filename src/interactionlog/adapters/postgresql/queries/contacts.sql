-- Contacts of a chunk, one by one through the primary key: a planner without statistics would read all
-- contacts of the tenant for each chunk (see segments.sql).

-- name: contact_standings
SELECT contact.no, contact.privacy_blocked, contact.exclude_from_segment, contact.e_mail,
    contact.salesperson_code, contact.language_code, contact.correspondence_type
FROM (VALUES (CAST(? AS text))) AS asked (tenant)
CROSS JOIN ({unfolded}) AS meant (no)
CROSS JOIN LATERAL (
    SELECT *
    FROM {prefix}contact AS their
    WHERE their.tenant = asked.tenant AND their.no = meant.no
    OFFSET 0
) AS contact
