-- name: contact_by_name
SELECT {contact_columns} FROM {contacts} AS c WHERE tenant = ? AND search_name LIKE '%' || ? || '%' ESCAPE '!'
ORDER BY no LIMIT 1

-- name: contact_of_account
SELECT contact_no FROM {memberships} AS m WHERE tenant = ? AND link_to_table = ? AND linked_no = ?
ORDER BY contact_no LIMIT 1

-- name: contacts_many
SELECT {contact_columns} FROM {asked(contacts)}

-- name: contact_summaries
SELECT no, privacy_blocked, exclude_from_segment, e_mail, salesperson_code, language_code,
    correspondence_type
FROM {asked(contacts)}

-- name: active_addresses
SELECT contact_no, code FROM {asked(address_periods)}
    AND starting_date <= ? AND (ending_date IS NULL OR ending_date >= ?)
ORDER BY contact_no, starting_date

-- name: salespeople_with_e_mail
SELECT {salesperson_columns} FROM {salespeople} AS s WHERE tenant = ? AND e_mail <> '' ORDER BY code

-- name: some_salesperson
SELECT {salesperson_columns} FROM {asked(salespeople)}

-- name: some_user
SELECT {user_columns} FROM {asked(users)}

-- name: address_of_contact
SELECT {contact_alternative_address_columns} FROM {asked(addresses)} AND code = ?

-- name: contacts_matching
SELECT c.no FROM {contacts} AS c WHERE c.tenant = ?

-- name: contacts_in_order
ORDER BY c.company_name, coalesce(c.company_no, ''), c.type, c.name, c.no

-- name: in_widened
c.{contact_id} IN (
    WITH our_matched AS (
        SELECT c.company_no, c.type, c.no, c.{contact_id} AS id FROM {contacts} AS c WHERE c.tenant = ?

-- name: end_widened
    true)
    SELECT w.{contact_id} FROM {contacts} AS w
    WHERE w.tenant = ? AND (
        w.{contact_id} IN (SELECT id FROM our_matched)
        OR (? AND w.company_no IN (SELECT company_no FROM our_matched WHERE type = 0))
        OR (? AND w.company_no IN (SELECT company_no FROM our_matched WHERE type = 1))
        OR (? AND w.{contact_id} IN (SELECT {as_contact_id(company_no)} FROM our_matched))
    )
)

-- name: end
true)

-- name: listed_columns
salesperson_code, company_no, territory_code, country_code

-- name: if_@ of listed_columns
c.@ IN ({unfolded})

-- name: if_no
c.{contact_id} IN ({contact_ids})

-- name: if_types
c.type IN ({unfolded_numbers})

-- name: if_own_membership
c.{contact_id} IN (
    SELECT m.{of_contact} FROM {memberships} AS m WHERE m.tenant = ? AND m.kind = ?

-- name: if_membership_of_company
c.company_no IN (
    SELECT m.contact_no FROM {memberships} AS m WHERE m.tenant = ? AND m.kind = ?

-- name: if_interaction
c.{contact_id} IN (
    SELECT {as_contact_id(e.contact_no)} FROM {prefix}log_entry AS e WHERE e.tenant = ?

-- name: if_wanted_answer
(m.code || ':' || m.line_no IN ({unfolded}) OR m.code || ':' IN ({unfolded}))

-- name: filter_columns
c.no, c.type, c.search_name, c.company_no, c.company_name, c.address, c.post_code, c.city, c.county,
c.country_code, c.territory_code, c.currency_code, c.language_code, c.salesperson_code,
c.correspondence_type, c.salutation_code, c.job_title, c.organizational_level_code, c.e_mail,
c.phone_no, c.mobile_phone_no, c.exclude_from_segment, c.privacy_blocked, c.minor, m.code,
m.line_no, m.link_to_table, m.linked_no, m.questionnaire_priority, m.answer_priority, e.date,
e.segment_no, e.campaign_no, e.interaction_template_code, e.interaction_group_code,
e.interaction_language_code, e.salesperson_code, e.evaluation, e.information_flow,
e.correspondence_type, e.delivery_status, e.logged_segment_entry_no, e.postponed, e.attempt_failed, e.campaign_response

-- name: @_any_of of filter_columns
@ IN ({unfolded})

-- name: @_any_of_or_blank of filter_columns
(coalesce(CAST(@ AS text), '') = '' OR @ IN ({unfolded}))

-- name: @_at_least of filter_columns
@ >= ?

-- name: @_at_most of filter_columns
(@ <= ? AND coalesce(CAST(@ AS text), '') <> '')

-- name: @_between of filter_columns
@ BETWEEN ? AND ?

-- name: @_prefix of filter_columns
substr(@, 1, ?) = ?

-- name: @_contains of filter_columns
replace(@, ?, '') <> @

-- name: @_true of filter_columns
@

-- name: @_false of filter_columns
NOT @

-- name: e.canceled_true
e.cancel_state <> 0

-- name: e.canceled_false
e.cancel_state = 0

-- name: customers_of_companies
SELECT contact_no, min(linked_no) FROM {asked(memberships)}
    AND kind = 4 AND link_to_table = 'Customer'
    AND linked_no IS NOT NULL
GROUP BY contact_no

-- name: name_company
UPDATE {prefix}contact SET company_name = ? WHERE tenant = ? AND company_no = ? AND company_name <> ?

-- name: contacts_of_companies
SELECT company_no, min(no) FROM ({unfolded}) AS wanted
CROSS JOIN {prefix}contact INDEXED BY {prefix}contact_company
WHERE tenant = ? AND company_no = wanted.value AND no <> wanted.value GROUP BY company_no

-- name: contacts_keyed
SELECT record_no, external_id FROM ({unfolded}) AS wanted
CROSS JOIN {prefix}external_key INDEXED BY {prefix}external_key_contact
WHERE tenant = ? AND source = ? AND target = 'contact' AND record_no = wanted.value

-- name: contacts_with_@ of reached_columns
SELECT no, {reached_@} FROM ({unfolded}) AS wanted
-- SQLite believes a tenant to have ten contacts, and would compare all of them with each
CROSS JOIN {prefix}contact INDEXED BY {prefix}contact_@
WHERE tenant = ? AND @ <> '' AND {reached_@} = wanted.value

-- name: searched_names
SELECT no, name, search_name FROM {prefix}contact WHERE tenant = ?
