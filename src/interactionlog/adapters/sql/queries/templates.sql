-- name: marketing_setup_columns
segment_nos, contact_nos, campaign_nos, to_do_nos, opportunity_nos, default_correspondence_type,
default_language_code, default_salesperson_code, def_company_salutation_code,
default_person_salutation_code

-- name: add_marketing_setup
INSERT INTO {prefix}marketing_setup (
    tenant, {marketing_setup_columns}
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: find_marketing_setup
SELECT {marketing_setup_columns}
FROM {prefix}marketing_setup
WHERE tenant = ?

-- name: remove_marketing_setup
DELETE FROM {prefix}marketing_setup
WHERE tenant = ?

-- name: template_setup_columns
purpose, interaction_template_code

-- name: add_template_setup
INSERT INTO {prefix}template_setup (
    tenant, {template_setup_columns}
)
VALUES (?, ?, ?)

-- name: find_template_setup
SELECT {template_setup_columns}
FROM {prefix}template_setup
WHERE tenant = ? AND purpose = ?

-- name: remove_template_setup
DELETE FROM {prefix}template_setup
WHERE tenant = ? AND purpose = ?

-- name: all_template_setup
SELECT {template_setup_columns}
FROM {prefix}template_setup
WHERE tenant = ?
ORDER BY purpose

-- name: interaction_group_columns
code, description

-- name: add_interaction_group
INSERT INTO {prefix}interaction_group (
    tenant, {interaction_group_columns}
)
VALUES (?, ?, ?)

-- name: find_interaction_group
SELECT {interaction_group_columns}
FROM {prefix}interaction_group
WHERE tenant = ? AND code = ?

-- name: remove_interaction_group
DELETE FROM {prefix}interaction_group
WHERE tenant = ? AND code = ?

-- name: all_interaction_group
SELECT {interaction_group_columns}
FROM {prefix}interaction_group
WHERE tenant = ?
ORDER BY code

-- name: interaction_template_columns
code, interaction_group_code, description, unit_cost_lcy, unit_duration_min, information_flow,
initiated_by, campaign_no, campaign_target, campaign_response, correspondence_type_default,
ignore_contact_corres_type, language_code_default, wizard_action, word_template_code

-- name: add_interaction_template
INSERT INTO {prefix}interaction_template (
    tenant, {interaction_template_columns}
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: find_interaction_template
SELECT {interaction_template_columns}
FROM {prefix}interaction_template
WHERE tenant = ? AND code = ?

-- name: remove_interaction_template
DELETE FROM {prefix}interaction_template
WHERE tenant = ? AND code = ?

-- name: all_interaction_template
SELECT {interaction_template_columns}
FROM {prefix}interaction_template
WHERE tenant = ?
ORDER BY code

-- name: template_language_columns
interaction_template_code, language_code, description, attachment_no, word_template_code,
custom_layout_code, report_layout_name

-- name: add_template_language
INSERT INTO {prefix}template_language (
    tenant, {template_language_columns}
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: find_template_language
SELECT {template_language_columns}
FROM {prefix}template_language
WHERE tenant = ? AND interaction_template_code = ? AND language_code = ?

-- name: remove_template_language
DELETE FROM {prefix}template_language
WHERE tenant = ? AND interaction_template_code = ? AND language_code = ?

-- name: all_template_language
SELECT {template_language_columns}
FROM {prefix}template_language
WHERE tenant = ?
ORDER BY interaction_template_code, language_code

-- name: all_template_language_1
SELECT {template_language_columns}
FROM {prefix}template_language
WHERE tenant = ? AND interaction_template_code = ?
ORDER BY language_code
