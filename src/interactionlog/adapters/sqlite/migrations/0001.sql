-- The first schema, made from the description in adapters/tables.py. Every key begins with tenant; no
-- foreign keys, triggers or checks: the services keep the rules, in one transaction, alike on every
-- store. Money is a whole number scaled by 10^5, dates and times are ISO text, blank is NULL except in keys.

CREATE TABLE {prefix}contact (
    tenant TEXT NOT NULL, no TEXT NOT NULL, type INTEGER NOT NULL, correspondence_type INTEGER,
    exclude_from_segment INTEGER NOT NULL, privacy_blocked INTEGER NOT NULL, minor INTEGER NOT NULL,
    name TEXT NOT NULL, company_no TEXT, company_name TEXT NOT NULL, address TEXT NOT NULL,
    post_code TEXT NOT NULL, city TEXT NOT NULL, county TEXT NOT NULL, country_code TEXT, territory_code TEXT,
    currency_code TEXT, language_code TEXT, salesperson_code TEXT, salutation_code TEXT,
    job_title TEXT NOT NULL, organizational_level_code TEXT, e_mail TEXT NOT NULL, phone_no TEXT NOT NULL,
    mobile_phone_no TEXT NOT NULL, search_name TEXT NOT NULL, PRIMARY KEY (tenant, no)) WITHOUT ROWID;
CREATE INDEX {bare}contact_company ON {prefix}contact (tenant, company_no, no);
CREATE INDEX {bare}contact_e_mail ON {prefix}contact (tenant, lower(e_mail)) WHERE e_mail <> '';
CREATE INDEX {bare}contact_phone_no ON {prefix}contact
    (tenant, replace(replace(replace(replace(replace(replace(phone_no, ' ', ''), '-', ''), '/', ''), '(', ''), ')', ''), '.', ''))
    WHERE phone_no <> '';
CREATE INDEX {bare}contact_mobile_phone_no ON {prefix}contact
    (tenant, replace(replace(replace(replace(replace(replace(mobile_phone_no, ' ', ''), '-', ''), '/', ''), '(', ''), ')', ''), '.', ''))
    WHERE mobile_phone_no <> '';
CREATE TABLE {prefix}contact_alternative_address (
    tenant TEXT NOT NULL, contact_no TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,
    address TEXT NOT NULL, address_2 TEXT NOT NULL, post_code TEXT NOT NULL, city TEXT NOT NULL,
    county TEXT NOT NULL, country_code TEXT, e_mail TEXT NOT NULL, phone_no TEXT NOT NULL,
    mobile_phone_no TEXT NOT NULL, PRIMARY KEY (tenant, contact_no, code)) WITHOUT ROWID;
CREATE TABLE {prefix}contact_alternative_address_period (
    tenant TEXT NOT NULL, contact_no TEXT NOT NULL, starting_date TEXT NOT NULL, ending_date TEXT,
    code TEXT NOT NULL, PRIMARY KEY (tenant, contact_no, starting_date)) WITHOUT ROWID;
CREATE TABLE {prefix}contact_membership (
    tenant TEXT NOT NULL, contact_no TEXT NOT NULL, kind INTEGER NOT NULL, code TEXT NOT NULL,
    line_no INTEGER NOT NULL, questionnaire_priority INTEGER NOT NULL, answer_priority INTEGER NOT NULL,
    link_to_table TEXT NOT NULL, linked_no TEXT, PRIMARY KEY (tenant, contact_no, kind, code, line_no)) WITHOUT ROWID;
CREATE INDEX {bare}contact_membership_code ON {prefix}contact_membership
    (tenant, kind, code, line_no, contact_no);
CREATE INDEX {bare}contact_membership_account ON {prefix}contact_membership
    (tenant, linked_no, link_to_table, contact_no) WHERE linked_no IS NOT NULL;
CREATE TABLE {prefix}reference_code (
    tenant TEXT NOT NULL, kind INTEGER NOT NULL, code TEXT NOT NULL, line_no INTEGER NOT NULL,
    description TEXT NOT NULL, line_type TEXT NOT NULL, multiple_answers INTEGER NOT NULL,
    priority INTEGER NOT NULL, PRIMARY KEY (tenant, kind, code, line_no)) WITHOUT ROWID;
CREATE TABLE {prefix}salesperson (
    tenant TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, e_mail TEXT NOT NULL,
    blocked INTEGER NOT NULL, privacy_blocked INTEGER NOT NULL, PRIMARY KEY (tenant, code)) WITHOUT ROWID;
CREATE TABLE {prefix}user (
    tenant TEXT NOT NULL, user_id TEXT NOT NULL, full_name TEXT NOT NULL, e_mail TEXT NOT NULL,
    salesperson_code TEXT, PRIMARY KEY (tenant, user_id)) WITHOUT ROWID;
CREATE TABLE {prefix}marketing_setup (
    tenant TEXT NOT NULL, segment_nos TEXT, contact_nos TEXT, campaign_nos TEXT, to_do_nos TEXT,
    opportunity_nos TEXT, default_correspondence_type INTEGER, default_language_code TEXT,
    default_salesperson_code TEXT, def_company_salutation_code TEXT, default_person_salutation_code TEXT,
    PRIMARY KEY (tenant)) WITHOUT ROWID;
CREATE TABLE {prefix}template_setup (
    tenant TEXT NOT NULL, purpose TEXT NOT NULL, interaction_template_code TEXT NOT NULL,
    PRIMARY KEY (tenant, purpose)) WITHOUT ROWID;
CREATE TABLE {prefix}interaction_group (
    tenant TEXT NOT NULL, code TEXT NOT NULL, description TEXT NOT NULL, PRIMARY KEY (tenant, code)) WITHOUT ROWID;
CREATE TABLE {prefix}interaction_template (
    tenant TEXT NOT NULL, code TEXT NOT NULL, interaction_group_code TEXT NOT NULL, description TEXT NOT NULL,
    unit_cost_lcy INTEGER NOT NULL, unit_duration_min INTEGER NOT NULL, information_flow INTEGER,
    initiated_by INTEGER, campaign_no TEXT, campaign_target INTEGER NOT NULL,
    campaign_response INTEGER NOT NULL, correspondence_type_default INTEGER,
    ignore_contact_corres_type INTEGER NOT NULL, language_code_default TEXT, wizard_action INTEGER,
    word_template_code TEXT, purpose_code TEXT, PRIMARY KEY (tenant, code)) WITHOUT ROWID;
CREATE TABLE {prefix}template_language (
    tenant TEXT NOT NULL, interaction_template_code TEXT NOT NULL, language_code TEXT NOT NULL,
    description TEXT NOT NULL, attachment_no INTEGER, word_template_code TEXT, custom_layout_code TEXT,
    report_layout_name TEXT NOT NULL, PRIMARY KEY (tenant, interaction_template_code, language_code)) WITHOUT ROWID;
CREATE TABLE {prefix}attachment (
    tenant TEXT NOT NULL, no INTEGER NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL,
    extension TEXT NOT NULL, size INTEGER NOT NULL, digest TEXT NOT NULL, read_only INTEGER NOT NULL,
    recorded_at TEXT NOT NULL, PRIMARY KEY (tenant, no)) WITHOUT ROWID;
CREATE INDEX {bare}attachment_digest ON {prefix}attachment (tenant, digest);
CREATE TABLE {prefix}attachment_content (
    tenant TEXT NOT NULL, digest TEXT NOT NULL, part_no INTEGER NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (tenant, digest, part_no));
CREATE TABLE {prefix}log_entry (
    tenant TEXT NOT NULL, entry_no INTEGER NOT NULL, time_of_interaction TEXT, campaign_entry_no INTEGER,
    segment_line_no INTEGER, logged_segment_entry_no INTEGER, attachment_no INTEGER,
    modified_word_template INTEGER, personal_fields INTEGER NOT NULL, recorded_at TEXT NOT NULL,
    user_set INTEGER NOT NULL DEFAULT 0, created_at TEXT, resend_of INTEGER, date TEXT NOT NULL,
    duration_min INTEGER NOT NULL, doc_no_occurrence INTEGER NOT NULL DEFAULT 0,
    version_no INTEGER NOT NULL DEFAULT 0, cancel_state INTEGER NOT NULL DEFAULT 0,
    reprint_no INTEGER NOT NULL DEFAULT 0, information_flow INTEGER, initiated_by INTEGER,
    correspondence_type INTEGER, evaluation INTEGER, delivery_status INTEGER, document_type INTEGER,
    campaign_response INTEGER NOT NULL, campaign_target INTEGER NOT NULL, attempt_failed INTEGER NOT NULL,
    send_word_docs_as_attmt INTEGER NOT NULL, merged INTEGER NOT NULL, postponed INTEGER NOT NULL DEFAULT 0,
    e_mail_logged INTEGER NOT NULL DEFAULT 0, contact_no TEXT, contact_company_no TEXT,
    description TEXT NOT NULL, subject TEXT NOT NULL, cost_lcy INTEGER NOT NULL, user_id TEXT,
    interaction_group_code TEXT, interaction_template_code TEXT, interaction_language_code TEXT,
    campaign_no TEXT, segment_no TEXT, to_do_no TEXT, salesperson_code TEXT, contact_alt_address_code TEXT,
    contact_via TEXT NOT NULL, word_template_code TEXT, opportunity_no TEXT, document_no TEXT, host_ref TEXT,
    created_by TEXT, PRIMARY KEY (tenant, entry_no)) WITHOUT ROWID;
CREATE INDEX {bare}log_entry_contact ON {prefix}log_entry
    (tenant, contact_no, date, entry_no, cancel_state, postponed, cost_lcy, duration_min);
CREATE INDEX {bare}log_entry_company ON {prefix}log_entry
    (tenant, contact_company_no, date, entry_no, cancel_state, postponed, cost_lcy, duration_min);
CREATE INDEX {bare}log_entry_campaign ON {prefix}log_entry
    (tenant, campaign_no, date, entry_no, cancel_state, postponed, cost_lcy, duration_min)
    WHERE campaign_no IS NOT NULL;
CREATE INDEX {bare}log_entry_salesperson ON {prefix}log_entry
    (tenant, salesperson_code, date, entry_no, cancel_state, postponed, cost_lcy, duration_min);
CREATE INDEX {bare}log_entry_logged_segment ON {prefix}log_entry (tenant, logged_segment_entry_no, entry_no)
    WHERE logged_segment_entry_no IS NOT NULL;
CREATE INDEX {bare}log_entry_newest ON {prefix}log_entry (tenant, date, entry_no);
CREATE INDEX {bare}log_entry_postponed ON {prefix}log_entry (tenant, date, entry_no) WHERE postponed;
CREATE INDEX {bare}log_entry_opportunity ON {prefix}log_entry (tenant, opportunity_no, date)
    WHERE opportunity_no IS NOT NULL;
CREATE INDEX {bare}log_entry_to_do ON {prefix}log_entry (tenant, to_do_no, date) WHERE to_do_no IS NOT NULL;
CREATE INDEX {bare}log_entry_host_ref ON {prefix}log_entry (tenant, host_ref, date) WHERE host_ref IS NOT NULL;
CREATE INDEX {bare}log_entry_attachment ON {prefix}log_entry (tenant, attachment_no)
    WHERE attachment_no IS NOT NULL;
CREATE INDEX {bare}log_entry_word_template ON {prefix}log_entry (tenant, modified_word_template)
    WHERE modified_word_template IS NOT NULL;
CREATE UNIQUE INDEX {bare}log_entry_document ON {prefix}log_entry
    (tenant, document_type, document_no, doc_no_occurrence, version_no, contact_no, reprint_no)
    WHERE document_no IS NOT NULL AND resend_of IS NULL;
CREATE TABLE {prefix}log_comment (
    tenant TEXT NOT NULL, entry_no INTEGER NOT NULL, line_no INTEGER NOT NULL, date TEXT, code TEXT,
    comment TEXT NOT NULL, user_id TEXT NOT NULL, recorded_at TEXT NOT NULL,
    PRIMARY KEY (tenant, entry_no, line_no)) WITHOUT ROWID;
CREATE TABLE {prefix}delivery (
    tenant TEXT NOT NULL, entry_no INTEGER NOT NULL, requested_at TEXT NOT NULL, not_before TEXT NOT NULL,
    expires_at TEXT, claimed_until TEXT, begun_at TEXT, settled_at TEXT, attachment_no INTEGER,
    attempts INTEGER NOT NULL, state INTEGER NOT NULL, channel TEXT NOT NULL, message_id TEXT NOT NULL,
    reason TEXT, text TEXT NOT NULL, recipient TEXT NOT NULL, claimed_by TEXT, provider_id TEXT NOT NULL,
    PRIMARY KEY (tenant, entry_no)) WITHOUT ROWID;
CREATE INDEX {bare}delivery_due ON {prefix}delivery (tenant, not_before, entry_no) WHERE state = 1;
CREATE INDEX {bare}delivery_claimed ON {prefix}delivery (tenant, claimed_until) WHERE state = 2;
CREATE INDEX {bare}delivery_attachment ON {prefix}delivery (tenant, attachment_no)
    WHERE attachment_no IS NOT NULL;
CREATE TABLE {prefix}delivery_receipt (
    tenant TEXT NOT NULL, entry_no INTEGER NOT NULL, event INTEGER NOT NULL, happened_at TEXT NOT NULL,
    text TEXT NOT NULL, recorded_at TEXT NOT NULL, PRIMARY KEY (tenant, entry_no, event, happened_at)) WITHOUT ROWID;
CREATE TABLE {prefix}segment (
    tenant TEXT NOT NULL, no TEXT NOT NULL, description TEXT NOT NULL, campaign_no TEXT,
    salesperson_code TEXT, correspondence_type_default INTEGER, interaction_template_code TEXT,
    interaction_group_code TEXT, unit_cost_lcy INTEGER NOT NULL, unit_duration_min INTEGER NOT NULL,
    date TEXT, campaign_target INTEGER NOT NULL, campaign_response INTEGER NOT NULL, information_flow INTEGER,
    initiated_by INTEGER, no_series TEXT, language_code_default TEXT,
    send_word_docs_as_attmt INTEGER NOT NULL, ignore_contact_corres_type INTEGER NOT NULL,
    subject_default TEXT NOT NULL, word_template_code TEXT, version INTEGER NOT NULL, host_ref TEXT,
    follow_up_of INTEGER, follow_up_filter TEXT, incomplete INTEGER NOT NULL, purpose_code TEXT,
    PRIMARY KEY (tenant, no)) WITHOUT ROWID;
CREATE TABLE {prefix}segment_line (
    tenant TEXT NOT NULL, segment_no TEXT NOT NULL, line_no INTEGER NOT NULL, attachment_no INTEGER,
    time_of_interaction TEXT, duration_min INTEGER NOT NULL, date TEXT, added_by_step INTEGER NOT NULL,
    correspondence_type INTEGER, information_flow INTEGER, initiated_by INTEGER, evaluation INTEGER,
    campaign_response INTEGER NOT NULL, campaign_target INTEGER NOT NULL, attempt_failed INTEGER NOT NULL,
    send_word_doc_as_attmt INTEGER NOT NULL, merged INTEGER NOT NULL, contact_no TEXT,
    contact_company_no TEXT, campaign_no TEXT, salesperson_code TEXT, interaction_template_code TEXT,
    interaction_group_code TEXT, cost_lcy INTEGER NOT NULL, contact_alt_address_code TEXT, language_code TEXT,
    description TEXT NOT NULL, to_do_no TEXT, contact_via TEXT NOT NULL, subject TEXT NOT NULL,
    opportunity_no TEXT, word_template_code TEXT, PRIMARY KEY (tenant, segment_no, line_no)) WITHOUT ROWID;
CREATE INDEX {bare}segment_line_contact ON {prefix}segment_line (tenant, contact_no)
    WHERE contact_no IS NOT NULL;
CREATE TABLE {prefix}segment_language (
    tenant TEXT NOT NULL, segment_no TEXT NOT NULL, logged_segment_entry_no INTEGER NOT NULL,
    removed_by_step INTEGER NOT NULL, segment_line_no INTEGER NOT NULL, language_code TEXT NOT NULL,
    description TEXT NOT NULL, attachment_no INTEGER, subject TEXT NOT NULL, word_template_code TEXT,
    PRIMARY KEY (tenant, segment_no, logged_segment_entry_no, removed_by_step, segment_line_no, language_code)) WITHOUT ROWID;
CREATE TABLE {prefix}criteria_step (
    tenant TEXT NOT NULL, segment_no TEXT NOT NULL, logged_segment_entry_no INTEGER NOT NULL,
    step_no INTEGER NOT NULL, action INTEGER NOT NULL, filter TEXT NOT NULL, all_contacts INTEGER NOT NULL,
    widening TEXT NOT NULL, allow_existing INTEGER NOT NULL, ignore_exclusion INTEGER NOT NULL,
    entire_companies INTEGER NOT NULL, source INTEGER NOT NULL, source_entry_no INTEGER,
    lines_added INTEGER NOT NULL, lines_removed INTEGER NOT NULL, user_id TEXT, recorded_at TEXT NOT NULL,
    PRIMARY KEY (tenant, segment_no, logged_segment_entry_no, step_no)) WITHOUT ROWID;
CREATE TABLE {prefix}removed_line (
    tenant TEXT NOT NULL, removed_by_step INTEGER NOT NULL, segment_no TEXT NOT NULL,
    line_no INTEGER NOT NULL, contact_no TEXT, contact_company_no TEXT, campaign_no TEXT,
    salesperson_code TEXT, correspondence_type INTEGER, interaction_template_code TEXT,
    interaction_group_code TEXT, cost_lcy INTEGER NOT NULL, duration_min INTEGER NOT NULL,
    attachment_no INTEGER, campaign_response INTEGER NOT NULL, campaign_target INTEGER NOT NULL,
    information_flow INTEGER, initiated_by INTEGER, contact_alt_address_code TEXT, evaluation INTEGER,
    language_code TEXT, description TEXT NOT NULL, date TEXT, time_of_interaction TEXT,
    attempt_failed INTEGER NOT NULL, to_do_no TEXT, send_word_doc_as_attmt INTEGER NOT NULL,
    contact_via TEXT NOT NULL, subject TEXT NOT NULL, opportunity_no TEXT, word_template_code TEXT,
    merged INTEGER NOT NULL, added_by_step INTEGER NOT NULL,
    PRIMARY KEY (tenant, segment_no, removed_by_step, line_no)) WITHOUT ROWID;
CREATE TABLE {prefix}saved_criteria (
    tenant TEXT NOT NULL, code TEXT NOT NULL, description TEXT NOT NULL, user_id TEXT,
    PRIMARY KEY (tenant, code)) WITHOUT ROWID;
CREATE TABLE {prefix}saved_criteria_step (
    tenant TEXT NOT NULL, code TEXT NOT NULL, step_no INTEGER NOT NULL, action INTEGER NOT NULL,
    filter TEXT NOT NULL, all_contacts INTEGER NOT NULL, widening TEXT NOT NULL,
    allow_existing INTEGER NOT NULL, ignore_exclusion INTEGER NOT NULL, entire_companies INTEGER NOT NULL,
    source INTEGER NOT NULL, source_entry_no INTEGER, PRIMARY KEY (tenant, code, step_no)) WITHOUT ROWID;
CREATE TABLE {prefix}logged_segment (
    tenant TEXT NOT NULL, entry_no INTEGER NOT NULL, segment_no TEXT NOT NULL, description TEXT NOT NULL,
    creation_date TEXT NOT NULL, user_id TEXT, cancel_state INTEGER NOT NULL, state INTEGER NOT NULL,
    header TEXT, policy TEXT, plan_token TEXT, counts TEXT NOT NULL, first_entry_no INTEGER,
    last_entry_no INTEGER, host_ref TEXT, follow_up_of INTEGER, follow_up_filter TEXT,
    recorded_at TEXT NOT NULL, undone_by TEXT, undone_at TEXT, last_line_no INTEGER, batch_size INTEGER,
    PRIMARY KEY (tenant, entry_no)) WITHOUT ROWID;
CREATE UNIQUE INDEX {bare}logged_segment_standing ON {prefix}logged_segment (tenant, segment_no)
    WHERE state <> 3;
CREATE INDEX {bare}logged_segment_follow_up ON {prefix}logged_segment (tenant, follow_up_of)
    WHERE follow_up_of IS NOT NULL;
CREATE TABLE {prefix}left_out_line (
    tenant TEXT NOT NULL, logged_segment_entry_no INTEGER NOT NULL, line_no INTEGER NOT NULL,
    attachment_no INTEGER, time_of_interaction TEXT, duration_min INTEGER NOT NULL, date TEXT,
    added_by_step INTEGER NOT NULL, correspondence_type INTEGER, information_flow INTEGER,
    initiated_by INTEGER, evaluation INTEGER, campaign_response INTEGER NOT NULL,
    campaign_target INTEGER NOT NULL, attempt_failed INTEGER NOT NULL,
    send_word_doc_as_attmt INTEGER NOT NULL, merged INTEGER NOT NULL, segment_no TEXT NOT NULL,
    contact_no TEXT, contact_company_no TEXT, campaign_no TEXT, salesperson_code TEXT,
    interaction_template_code TEXT, interaction_group_code TEXT, cost_lcy INTEGER NOT NULL,
    contact_alt_address_code TEXT, language_code TEXT, description TEXT NOT NULL, to_do_no TEXT,
    contact_via TEXT NOT NULL, subject TEXT NOT NULL, opportunity_no TEXT, word_template_code TEXT,
    reasons TEXT NOT NULL, PRIMARY KEY (tenant, logged_segment_entry_no, line_no)) WITHOUT ROWID;
CREATE TABLE {prefix}campaign (
    tenant TEXT NOT NULL, no TEXT NOT NULL, description TEXT NOT NULL, starting_date TEXT, ending_date TEXT,
    salesperson_code TEXT, status_code TEXT, last_date_modified TEXT, no_series TEXT,
    activated INTEGER NOT NULL, PRIMARY KEY (tenant, no)) WITHOUT ROWID;
CREATE TABLE {prefix}campaign_entry (
    tenant TEXT NOT NULL, entry_no INTEGER NOT NULL, campaign_no TEXT NOT NULL, description TEXT NOT NULL,
    date TEXT, user_id TEXT, segment_no TEXT NOT NULL, salesperson_code TEXT, register_no INTEGER NOT NULL,
    document_type INTEGER NOT NULL, cancel_state INTEGER NOT NULL, closed INTEGER NOT NULL,
    PRIMARY KEY (tenant, entry_no)) WITHOUT ROWID;
CREATE UNIQUE INDEX {bare}campaign_entry_open ON {prefix}campaign_entry
    (tenant, campaign_no, document_type, segment_no, register_no) WHERE NOT closed;
CREATE INDEX {bare}campaign_entry_register ON {prefix}campaign_entry (tenant, register_no);
CREATE TABLE {prefix}no_series (
    tenant TEXT NOT NULL, code TEXT NOT NULL, description TEXT NOT NULL, default_nos INTEGER NOT NULL,
    manual_nos INTEGER NOT NULL, date_order INTEGER NOT NULL, ledger INTEGER NOT NULL,
    PRIMARY KEY (tenant, code)) WITHOUT ROWID;
CREATE TABLE {prefix}no_series_line (
    tenant TEXT NOT NULL, series_code TEXT NOT NULL, line_no INTEGER NOT NULL, starting_date TEXT,
    prefix TEXT NOT NULL, width INTEGER NOT NULL, suffix TEXT NOT NULL, first_value INTEGER NOT NULL,
    last_allowed INTEGER, warning_value INTEGER, step INTEGER NOT NULL, policy INTEGER NOT NULL,
    growth INTEGER NOT NULL, template TEXT, reset_period INTEGER NOT NULL,
    PRIMARY KEY (tenant, series_code, line_no)) WITHOUT ROWID;
CREATE TABLE {prefix}no_series_relation (
    tenant TEXT NOT NULL, code TEXT NOT NULL, series_code TEXT NOT NULL,
    PRIMARY KEY (tenant, code, series_code)) WITHOUT ROWID;
CREATE TABLE {prefix}number_counter (
    tenant TEXT NOT NULL, series_code TEXT NOT NULL, line_no INTEGER NOT NULL, period_key TEXT NOT NULL,
    last_value INTEGER, last_date TEXT, version INTEGER NOT NULL,
    PRIMARY KEY (tenant, series_code, line_no, period_key)) WITHOUT ROWID;
CREATE TABLE {prefix}number_ledger (
    tenant TEXT NOT NULL, series_code TEXT NOT NULL, line_no INTEGER NOT NULL, period_key TEXT NOT NULL,
    first_value INTEGER NOT NULL, last_value INTEGER NOT NULL, step INTEGER NOT NULL, state INTEGER NOT NULL,
    user_id TEXT, recorded_at TEXT NOT NULL, usage_date TEXT, record_kind TEXT, record_key TEXT,
    reason TEXT NOT NULL, PRIMARY KEY (tenant, series_code, line_no, period_key, first_value)) WITHOUT ROWID;
CREATE TABLE {prefix}idempotency_key (
    tenant TEXT NOT NULL, key TEXT NOT NULL, operation TEXT NOT NULL, fingerprint TEXT NOT NULL,
    result_kind TEXT NOT NULL, result_no TEXT, user_id TEXT, recorded_at TEXT NOT NULL,
    PRIMARY KEY (tenant, key)) WITHOUT ROWID;
CREATE TABLE {prefix}external_key (
    tenant TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, external_id TEXT NOT NULL,
    record_no TEXT NOT NULL, PRIMARY KEY (tenant, source, target, external_id)) WITHOUT ROWID;
CREATE TABLE {prefix}purpose (
    tenant TEXT NOT NULL, code TEXT NOT NULL, needs TEXT NOT NULL, description TEXT NOT NULL,
    PRIMARY KEY (tenant, code)) WITHOUT ROWID;
CREATE TABLE {prefix}consent (
    tenant TEXT NOT NULL, entry_no INTEGER NOT NULL, recorded_at TEXT NOT NULL, date TEXT NOT NULL,
    given INTEGER NOT NULL, contact_no TEXT NOT NULL, channel TEXT, purpose_code TEXT, source TEXT NOT NULL,
    evidence TEXT NOT NULL, user_id TEXT, PRIMARY KEY (tenant, entry_no)) WITHOUT ROWID;
CREATE INDEX {bare}consent_contact ON {prefix}consent
    (tenant, contact_no, date, entry_no, purpose_code, channel, given);
CREATE TABLE {prefix}suppression (
    tenant TEXT NOT NULL, address TEXT NOT NULL, channel TEXT NOT NULL, recorded_at TEXT NOT NULL,
    reason TEXT NOT NULL, source TEXT NOT NULL, user_id TEXT, PRIMARY KEY (tenant, address, channel)) WITHOUT ROWID;
CREATE TABLE {prefix}erasure (
    tenant TEXT NOT NULL, erasure_no INTEGER NOT NULL, scope TEXT NOT NULL, reason TEXT NOT NULL,
    counts TEXT NOT NULL, user_id TEXT, recorded_at TEXT NOT NULL, PRIMARY KEY (tenant, erasure_no)) WITHOUT ROWID;
CREATE TABLE {prefix}seal (
    tenant TEXT NOT NULL, seal_no INTEGER NOT NULL, entries INTEGER NOT NULL, last_entry_no INTEGER NOT NULL,
    digest TEXT NOT NULL, user_id TEXT, recorded_at TEXT NOT NULL, PRIMARY KEY (tenant, seal_no)) WITHOUT ROWID;
CREATE TABLE {prefix}entry_seal (
    tenant TEXT NOT NULL, entry_no INTEGER NOT NULL, seal_no INTEGER NOT NULL, erasure_no INTEGER,
    removed INTEGER NOT NULL, fixed TEXT NOT NULL, living TEXT NOT NULL, personal TEXT NOT NULL,
    linked TEXT NOT NULL, salt TEXT NOT NULL, PRIMARY KEY (tenant, entry_no)) WITHOUT ROWID;
CREATE INDEX {bare}entry_seal_open ON {prefix}entry_seal (tenant, seal_no) WHERE seal_no = 0;
CREATE TABLE {prefix}seal_key (
    tenant TEXT NOT NULL, contact_no TEXT NOT NULL, secret TEXT NOT NULL, PRIMARY KEY (tenant, contact_no)) WITHOUT ROWID;
CREATE TABLE {prefix}entry_counter (
    tenant TEXT NOT NULL, kind TEXT NOT NULL, last_value INTEGER NOT NULL, PRIMARY KEY (tenant, kind)) WITHOUT ROWID;
CREATE TABLE {prefix}schema_version (
    tenant TEXT NOT NULL, version INTEGER NOT NULL, recorded_at TEXT NOT NULL, PRIMARY KEY (tenant, version)) WITHOUT ROWID;
