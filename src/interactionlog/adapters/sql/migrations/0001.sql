-- The first schema, made from the description in adapters/tables.py, for both databases: the kind of a column
-- stands in place of its type, and what only one of them has begins with its name. Every key begins with
-- tenant; no foreign keys, triggers or checks: the services keep the rules, in one transaction, alike on
-- every store. In SQLite money is a whole number scaled by 10^5, dates and times are ISO text; in PostgreSQL
-- codes compare by code point, and the entry numbers of every tenant come from one sequence for each kind:
-- unique and rising, not dense. Blank is NULL except in keys.

postgresql: CREATE SEQUENCE {prefix}attachment_no;
postgresql: CREATE SEQUENCE {prefix}log_entry_no;
postgresql: CREATE SEQUENCE {prefix}logged_segment_no;
postgresql: CREATE SEQUENCE {prefix}campaign_entry_no;
postgresql: CREATE SEQUENCE {prefix}consent_no;
postgresql: CREATE SEQUENCE {prefix}erasure_no;
CREATE TABLE {prefix}contact (
    tenant TEXT NOT NULL, no TEXT NOT NULL, type ENUMERATION NOT NULL, correspondence_type ENUMERATION,
    exclude_from_segment FLAG NOT NULL, privacy_blocked FLAG NOT NULL, minor FLAG NOT NULL,
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
    tenant TEXT NOT NULL, contact_no TEXT NOT NULL, starting_date DATE NOT NULL, ending_date DATE,
    code TEXT NOT NULL, PRIMARY KEY (tenant, contact_no, starting_date)) WITHOUT ROWID;
CREATE TABLE {prefix}contact_membership (
    tenant TEXT NOT NULL, contact_no TEXT NOT NULL, kind ENUMERATION NOT NULL, code TEXT NOT NULL,
    line_no NUMBER NOT NULL, questionnaire_priority COUNT NOT NULL, answer_priority COUNT NOT NULL,
    link_to_table TEXT NOT NULL, linked_no TEXT, PRIMARY KEY (tenant, contact_no, kind, code, line_no)) WITHOUT ROWID;
CREATE INDEX {bare}contact_membership_code ON {prefix}contact_membership
    (tenant, kind, code, line_no, contact_no);
CREATE INDEX {bare}contact_membership_account ON {prefix}contact_membership
    (tenant, linked_no, link_to_table, contact_no) WHERE linked_no IS NOT NULL;
CREATE TABLE {prefix}reference_code (
    tenant TEXT NOT NULL, kind ENUMERATION NOT NULL, code TEXT NOT NULL, line_no NUMBER NOT NULL,
    description TEXT NOT NULL, line_type TEXT NOT NULL, multiple_answers FLAG NOT NULL,
    priority COUNT NOT NULL, PRIMARY KEY (tenant, kind, code, line_no)) WITHOUT ROWID;
CREATE TABLE {prefix}salesperson (
    tenant TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, e_mail TEXT NOT NULL, blocked FLAG NOT NULL,
    privacy_blocked FLAG NOT NULL, PRIMARY KEY (tenant, code)) WITHOUT ROWID;
CREATE TABLE {prefix}user (
    tenant TEXT NOT NULL, user_id TEXT NOT NULL, full_name TEXT NOT NULL, e_mail TEXT NOT NULL,
    salesperson_code TEXT, PRIMARY KEY (tenant, user_id)) WITHOUT ROWID;
CREATE TABLE {prefix}marketing_setup (
    tenant TEXT NOT NULL, segment_nos TEXT, contact_nos TEXT, campaign_nos TEXT, to_do_nos TEXT,
    opportunity_nos TEXT, default_correspondence_type ENUMERATION, default_language_code TEXT,
    default_salesperson_code TEXT, def_company_salutation_code TEXT, default_person_salutation_code TEXT,
    PRIMARY KEY (tenant)) WITHOUT ROWID;
CREATE TABLE {prefix}template_setup (
    tenant TEXT NOT NULL, purpose TEXT NOT NULL, interaction_template_code TEXT NOT NULL,
    PRIMARY KEY (tenant, purpose)) WITHOUT ROWID;
CREATE TABLE {prefix}interaction_group (
    tenant TEXT NOT NULL, code TEXT NOT NULL, description TEXT NOT NULL, PRIMARY KEY (tenant, code)) WITHOUT ROWID;
CREATE TABLE {prefix}interaction_template (
    tenant TEXT NOT NULL, code TEXT NOT NULL, interaction_group_code TEXT NOT NULL, description TEXT NOT NULL,
    unit_cost_lcy MONEY NOT NULL, unit_duration_min COUNT NOT NULL, information_flow ENUMERATION,
    initiated_by ENUMERATION, campaign_no TEXT, campaign_target FLAG NOT NULL,
    campaign_response FLAG NOT NULL, correspondence_type_default ENUMERATION,
    ignore_contact_corres_type FLAG NOT NULL, language_code_default TEXT, wizard_action ENUMERATION,
    word_template_code TEXT, purpose_code TEXT, PRIMARY KEY (tenant, code)) WITHOUT ROWID;
CREATE TABLE {prefix}template_language (
    tenant TEXT NOT NULL, interaction_template_code TEXT NOT NULL, language_code TEXT NOT NULL,
    description TEXT NOT NULL, attachment_no NUMBER, word_template_code TEXT, custom_layout_code TEXT,
    report_layout_name TEXT NOT NULL, PRIMARY KEY (tenant, interaction_template_code, language_code)) WITHOUT ROWID;
CREATE TABLE {prefix}attachment (
    tenant TEXT NOT NULL, no NUMBER NOT NULL, size NUMBER NOT NULL, recorded_at INSTANT NOT NULL,
    read_only FLAG NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL, extension TEXT NOT NULL,
    digest TEXT NOT NULL, PRIMARY KEY (tenant, no)) WITHOUT ROWID;
CREATE INDEX {bare}attachment_digest ON {prefix}attachment (tenant, digest);
CREATE TABLE {prefix}attachment_content (
    tenant TEXT NOT NULL, digest TEXT NOT NULL, part_no COUNT NOT NULL, content BYTES NOT NULL,
    PRIMARY KEY (tenant, digest, part_no));
CREATE TABLE {prefix}log_entry (
    tenant TEXT NOT NULL, entry_no NUMBER NOT NULL, time_of_interaction TIME, campaign_entry_no NUMBER,
    segment_line_no NUMBER, logged_segment_entry_no NUMBER, attachment_no NUMBER,
    modified_word_template NUMBER, personal_fields NUMBER NOT NULL, recorded_at INSTANT NOT NULL,
    user_set NUMBER NOT NULL DEFAULT 0, created_at INSTANT, resend_of NUMBER, date DATE NOT NULL,
    duration_min COUNT NOT NULL, doc_no_occurrence COUNT NOT NULL DEFAULT 0,
    version_no COUNT NOT NULL DEFAULT 0, cancel_state COUNT NOT NULL DEFAULT 0,
    reprint_no COUNT NOT NULL DEFAULT 0, information_flow ENUMERATION, initiated_by ENUMERATION,
    correspondence_type ENUMERATION, evaluation ENUMERATION, delivery_status ENUMERATION,
    document_type ENUMERATION, campaign_response FLAG NOT NULL, campaign_target FLAG NOT NULL,
    attempt_failed FLAG NOT NULL, send_word_docs_as_attmt FLAG NOT NULL, merged FLAG NOT NULL,
    postponed FLAG NOT NULL DEFAULT 0, e_mail_logged FLAG NOT NULL DEFAULT 0, contact_no TEXT,
    contact_company_no TEXT, description TEXT NOT NULL, subject TEXT NOT NULL, cost_lcy MONEY NOT NULL,
    user_id TEXT, interaction_group_code TEXT, interaction_template_code TEXT, interaction_language_code TEXT,
    campaign_no TEXT, segment_no TEXT, to_do_no TEXT, salesperson_code TEXT, contact_alt_address_code TEXT,
    contact_via TEXT NOT NULL, word_template_code TEXT, opportunity_no TEXT, document_no TEXT, host_ref TEXT,
    created_by TEXT, PRIMARY KEY (tenant, entry_no)) WITHOUT ROWID;
CREATE INDEX {bare}log_entry_contact ON {prefix}log_entry (tenant, contact_no, date, entry_no)
    INCLUDE (cancel_state, postponed, cost_lcy, duration_min);
CREATE INDEX {bare}log_entry_company ON {prefix}log_entry (tenant, contact_company_no, date, entry_no)
    INCLUDE (cancel_state, postponed, cost_lcy, duration_min);
CREATE INDEX {bare}log_entry_campaign ON {prefix}log_entry (tenant, campaign_no, date, entry_no)
    INCLUDE (cancel_state, postponed, cost_lcy, duration_min) WHERE campaign_no IS NOT NULL;
CREATE INDEX {bare}log_entry_salesperson ON {prefix}log_entry (tenant, salesperson_code, date, entry_no)
    INCLUDE (cancel_state, postponed, cost_lcy, duration_min);
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
    tenant TEXT NOT NULL, entry_no NUMBER NOT NULL, line_no NUMBER NOT NULL, recorded_at INSTANT NOT NULL, date DATE,
    code TEXT, comment TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (tenant, entry_no, line_no)) WITHOUT ROWID;
CREATE TABLE {prefix}delivery (
    tenant TEXT NOT NULL, entry_no NUMBER NOT NULL, requested_at INSTANT NOT NULL,
    not_before INSTANT NOT NULL, expires_at INSTANT, claimed_until INSTANT, begun_at INSTANT,
    settled_at INSTANT, attachment_no NUMBER, attempts COUNT NOT NULL, state ENUMERATION NOT NULL,
    channel TEXT NOT NULL, message_id TEXT NOT NULL, reason TEXT, text TEXT NOT NULL, recipient TEXT NOT NULL,
    claimed_by TEXT, provider_id TEXT NOT NULL, PRIMARY KEY (tenant, entry_no)) WITHOUT ROWID;
CREATE INDEX {bare}delivery_due ON {prefix}delivery (tenant, not_before, entry_no) WHERE state = 1;
CREATE INDEX {bare}delivery_claimed ON {prefix}delivery (tenant, claimed_until) WHERE state = 2;
CREATE INDEX {bare}delivery_attachment ON {prefix}delivery (tenant, attachment_no)
    WHERE attachment_no IS NOT NULL;
CREATE TABLE {prefix}delivery_receipt (
    tenant TEXT NOT NULL, entry_no NUMBER NOT NULL, event ENUMERATION NOT NULL, happened_at INSTANT NOT NULL,
    recorded_at INSTANT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (tenant, entry_no, event, happened_at)) WITHOUT ROWID;
CREATE TABLE {prefix}segment (
    tenant TEXT NOT NULL, no TEXT NOT NULL, description TEXT NOT NULL, campaign_no TEXT,
    salesperson_code TEXT, correspondence_type_default ENUMERATION, interaction_template_code TEXT,
    interaction_group_code TEXT, unit_cost_lcy MONEY NOT NULL, unit_duration_min COUNT NOT NULL, date DATE,
    campaign_target FLAG NOT NULL, campaign_response FLAG NOT NULL, information_flow ENUMERATION,
    initiated_by ENUMERATION, no_series TEXT, language_code_default TEXT,
    send_word_docs_as_attmt FLAG NOT NULL, ignore_contact_corres_type FLAG NOT NULL,
    subject_default TEXT NOT NULL, word_template_code TEXT, version NUMBER NOT NULL, host_ref TEXT,
    follow_up_of NUMBER, follow_up_filter JSON, incomplete FLAG NOT NULL, purpose_code TEXT,
    PRIMARY KEY (tenant, no)) WITHOUT ROWID;
CREATE TABLE {prefix}segment_line (
    tenant TEXT NOT NULL, segment_no TEXT NOT NULL, line_no NUMBER NOT NULL, attachment_no NUMBER,
    time_of_interaction TIME, duration_min COUNT NOT NULL, date DATE, added_by_step COUNT NOT NULL,
    correspondence_type ENUMERATION, information_flow ENUMERATION, initiated_by ENUMERATION,
    evaluation ENUMERATION, campaign_response FLAG NOT NULL, campaign_target FLAG NOT NULL,
    attempt_failed FLAG NOT NULL, send_word_doc_as_attmt FLAG NOT NULL, merged FLAG NOT NULL, contact_no TEXT,
    contact_company_no TEXT, campaign_no TEXT, salesperson_code TEXT, interaction_template_code TEXT,
    interaction_group_code TEXT, cost_lcy MONEY NOT NULL, contact_alt_address_code TEXT, language_code TEXT,
    description TEXT NOT NULL, to_do_no TEXT, contact_via TEXT NOT NULL, subject TEXT NOT NULL,
    opportunity_no TEXT, word_template_code TEXT, PRIMARY KEY (tenant, segment_no, line_no)) WITHOUT ROWID;
CREATE INDEX {bare}segment_line_contact ON {prefix}segment_line (tenant, contact_no)
    WHERE contact_no IS NOT NULL;
CREATE TABLE {prefix}segment_language (
    tenant TEXT NOT NULL, segment_no TEXT NOT NULL, logged_segment_entry_no NUMBER NOT NULL,
    removed_by_step COUNT NOT NULL, segment_line_no NUMBER NOT NULL, language_code TEXT NOT NULL,
    description TEXT NOT NULL, attachment_no NUMBER, subject TEXT NOT NULL, word_template_code TEXT,
    PRIMARY KEY (tenant, segment_no, logged_segment_entry_no, removed_by_step, segment_line_no, language_code)) WITHOUT ROWID;
CREATE TABLE {prefix}criteria_step (
    tenant TEXT NOT NULL, segment_no TEXT NOT NULL, logged_segment_entry_no NUMBER NOT NULL,
    step_no COUNT NOT NULL, action ENUMERATION NOT NULL, filter JSON NOT NULL, all_contacts FLAG NOT NULL,
    widening JSON NOT NULL, allow_existing FLAG NOT NULL, ignore_exclusion FLAG NOT NULL,
    entire_companies FLAG NOT NULL, source ENUMERATION NOT NULL, source_entry_no NUMBER,
    lines_added COUNT NOT NULL, lines_removed COUNT NOT NULL, user_id TEXT, recorded_at INSTANT NOT NULL,
    PRIMARY KEY (tenant, segment_no, logged_segment_entry_no, step_no)) WITHOUT ROWID;
CREATE TABLE {prefix}removed_line (
    tenant TEXT NOT NULL, removed_by_step COUNT NOT NULL, segment_no TEXT NOT NULL, line_no NUMBER NOT NULL,
    attachment_no NUMBER, time_of_interaction TIME, duration_min COUNT NOT NULL, date DATE,
    added_by_step COUNT NOT NULL, correspondence_type ENUMERATION, information_flow ENUMERATION,
    initiated_by ENUMERATION, evaluation ENUMERATION, campaign_response FLAG NOT NULL, campaign_target FLAG NOT NULL,
    attempt_failed FLAG NOT NULL, send_word_doc_as_attmt FLAG NOT NULL, merged FLAG NOT NULL, contact_no TEXT,
    contact_company_no TEXT, campaign_no TEXT, salesperson_code TEXT, interaction_template_code TEXT,
    interaction_group_code TEXT, cost_lcy MONEY NOT NULL, contact_alt_address_code TEXT, language_code TEXT,
    description TEXT NOT NULL, to_do_no TEXT, contact_via TEXT NOT NULL, subject TEXT NOT NULL, opportunity_no TEXT,
    word_template_code TEXT, PRIMARY KEY (tenant, segment_no, removed_by_step, line_no)) WITHOUT ROWID;
CREATE TABLE {prefix}saved_criteria (
    tenant TEXT NOT NULL, code TEXT NOT NULL, description TEXT NOT NULL, user_id TEXT,
    PRIMARY KEY (tenant, code)) WITHOUT ROWID;
CREATE TABLE {prefix}saved_criteria_step (
    tenant TEXT NOT NULL, code TEXT NOT NULL, step_no COUNT NOT NULL, action ENUMERATION NOT NULL,
    filter JSON NOT NULL, all_contacts FLAG NOT NULL, widening JSON NOT NULL, allow_existing FLAG NOT NULL,
    ignore_exclusion FLAG NOT NULL, entire_companies FLAG NOT NULL, source ENUMERATION NOT NULL,
    source_entry_no NUMBER, PRIMARY KEY (tenant, code, step_no)) WITHOUT ROWID;
CREATE TABLE {prefix}logged_segment (
    tenant TEXT NOT NULL, entry_no NUMBER NOT NULL, segment_no TEXT NOT NULL, description TEXT NOT NULL,
    creation_date DATE NOT NULL, user_id TEXT, cancel_state COUNT NOT NULL, state ENUMERATION NOT NULL,
    header JSON, policy JSON, plan_token TEXT, counts JSON NOT NULL, first_entry_no NUMBER,
    last_entry_no NUMBER, host_ref TEXT, follow_up_of NUMBER, follow_up_filter JSON,
    recorded_at INSTANT NOT NULL, undone_by TEXT, undone_at INSTANT, last_line_no NUMBER, batch_size COUNT,
    PRIMARY KEY (tenant, entry_no)) WITHOUT ROWID;
CREATE UNIQUE INDEX {bare}logged_segment_standing ON {prefix}logged_segment (tenant, segment_no)
    WHERE state <> 3;
CREATE INDEX {bare}logged_segment_follow_up ON {prefix}logged_segment (tenant, follow_up_of)
    WHERE follow_up_of IS NOT NULL;
CREATE TABLE {prefix}left_out_line (
    tenant TEXT NOT NULL, logged_segment_entry_no NUMBER NOT NULL, line_no NUMBER NOT NULL,
    attachment_no NUMBER, time_of_interaction TIME, duration_min COUNT NOT NULL, date DATE,
    added_by_step COUNT NOT NULL, correspondence_type ENUMERATION, information_flow ENUMERATION,
    initiated_by ENUMERATION, evaluation ENUMERATION, campaign_response FLAG NOT NULL,
    campaign_target FLAG NOT NULL, attempt_failed FLAG NOT NULL, send_word_doc_as_attmt FLAG NOT NULL,
    merged FLAG NOT NULL, segment_no TEXT NOT NULL, contact_no TEXT, contact_company_no TEXT,
    campaign_no TEXT, salesperson_code TEXT, interaction_template_code TEXT, interaction_group_code TEXT,
    cost_lcy MONEY NOT NULL, contact_alt_address_code TEXT, language_code TEXT, description TEXT NOT NULL,
    to_do_no TEXT, contact_via TEXT NOT NULL, subject TEXT NOT NULL, opportunity_no TEXT,
    word_template_code TEXT, reasons JSON NOT NULL, PRIMARY KEY (tenant, logged_segment_entry_no, line_no)) WITHOUT ROWID;
CREATE TABLE {prefix}campaign (
    tenant TEXT NOT NULL, no TEXT NOT NULL, description TEXT NOT NULL, starting_date DATE, ending_date DATE,
    salesperson_code TEXT, status_code TEXT, last_date_modified DATE, no_series TEXT, activated FLAG NOT NULL,
    PRIMARY KEY (tenant, no)) WITHOUT ROWID;
CREATE TABLE {prefix}campaign_entry (
    tenant TEXT NOT NULL, entry_no NUMBER NOT NULL, campaign_no TEXT NOT NULL, description TEXT NOT NULL,
    date DATE, user_id TEXT, segment_no TEXT NOT NULL, salesperson_code TEXT, register_no NUMBER NOT NULL,
    document_type ENUMERATION NOT NULL, cancel_state COUNT NOT NULL, closed FLAG NOT NULL,
    PRIMARY KEY (tenant, entry_no)) WITHOUT ROWID;
CREATE UNIQUE INDEX {bare}campaign_entry_open ON {prefix}campaign_entry
    (tenant, campaign_no, document_type, segment_no, register_no) WHERE NOT closed;
CREATE INDEX {bare}campaign_entry_register ON {prefix}campaign_entry (tenant, register_no);
CREATE TABLE {prefix}no_series (
    tenant TEXT NOT NULL, code TEXT NOT NULL, description TEXT NOT NULL, default_nos FLAG NOT NULL,
    manual_nos FLAG NOT NULL, date_order FLAG NOT NULL, ledger FLAG NOT NULL, PRIMARY KEY (tenant, code)) WITHOUT ROWID;
CREATE TABLE {prefix}no_series_line (
    tenant TEXT NOT NULL, series_code TEXT NOT NULL, line_no NUMBER NOT NULL, starting_date DATE,
    prefix TEXT NOT NULL, width COUNT NOT NULL, suffix TEXT NOT NULL, first_value NUMBER NOT NULL,
    last_allowed NUMBER, warning_value NUMBER, step NUMBER NOT NULL, policy ENUMERATION NOT NULL,
    growth ENUMERATION NOT NULL, template TEXT, reset_period ENUMERATION NOT NULL,
    PRIMARY KEY (tenant, series_code, line_no)) WITHOUT ROWID;
CREATE TABLE {prefix}no_series_relation (
    tenant TEXT NOT NULL, code TEXT NOT NULL, series_code TEXT NOT NULL,
    PRIMARY KEY (tenant, code, series_code)) WITHOUT ROWID;
CREATE TABLE {prefix}number_counter (
    tenant TEXT NOT NULL, series_code TEXT NOT NULL, line_no NUMBER NOT NULL, period_key TEXT NOT NULL,
    last_value NUMBER, last_date DATE, version NUMBER NOT NULL,
    PRIMARY KEY (tenant, series_code, line_no, period_key)) WITHOUT ROWID;
CREATE TABLE {prefix}number_ledger (
    tenant TEXT NOT NULL, series_code TEXT NOT NULL, line_no NUMBER NOT NULL, period_key TEXT NOT NULL,
    first_value NUMBER NOT NULL, last_value NUMBER NOT NULL, step NUMBER NOT NULL, recorded_at INSTANT NOT NULL,
    usage_date DATE, state ENUMERATION NOT NULL, user_id TEXT, record_kind TEXT, record_key TEXT, reason TEXT NOT NULL,
    PRIMARY KEY (tenant, series_code, line_no, period_key, first_value)) WITHOUT ROWID;
CREATE TABLE {prefix}idempotency_key (
    tenant TEXT NOT NULL, key TEXT NOT NULL, recorded_at INSTANT NOT NULL, operation TEXT NOT NULL,
    fingerprint TEXT NOT NULL, result_kind TEXT NOT NULL, result_no TEXT, user_id TEXT,
    PRIMARY KEY (tenant, key)) WITHOUT ROWID;
CREATE TABLE {prefix}external_key (
    tenant TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, external_id TEXT NOT NULL,
    record_no TEXT NOT NULL, PRIMARY KEY (tenant, source, target, external_id)) WITHOUT ROWID;
CREATE INDEX {bare}external_key_contact ON {prefix}external_key (tenant, source, record_no) WHERE target = 'contact';
CREATE TABLE {prefix}purpose (
    tenant TEXT NOT NULL, code TEXT NOT NULL, needs TEXT NOT NULL, description TEXT NOT NULL,
    PRIMARY KEY (tenant, code)) WITHOUT ROWID;
CREATE TABLE {prefix}consent (
    tenant TEXT NOT NULL, entry_no NUMBER NOT NULL, recorded_at INSTANT NOT NULL, date DATE NOT NULL,
    given FLAG NOT NULL, contact_no TEXT NOT NULL, channel TEXT, purpose_code TEXT, source TEXT NOT NULL,
    evidence TEXT NOT NULL, user_id TEXT, PRIMARY KEY (tenant, entry_no)) WITHOUT ROWID;
CREATE INDEX {bare}consent_contact ON {prefix}consent
    (tenant, contact_no, date, entry_no, purpose_code, channel, given);
CREATE TABLE {prefix}suppression (
    tenant TEXT NOT NULL, address TEXT NOT NULL, channel TEXT NOT NULL, recorded_at INSTANT NOT NULL,
    reason TEXT NOT NULL, source TEXT NOT NULL, user_id TEXT, PRIMARY KEY (tenant, address, channel)) WITHOUT ROWID;
CREATE TABLE {prefix}erasure (
    tenant TEXT NOT NULL, erasure_no NUMBER NOT NULL, scope TEXT NOT NULL, reason TEXT NOT NULL,
    counts JSON NOT NULL, user_id TEXT, recorded_at INSTANT NOT NULL, PRIMARY KEY (tenant, erasure_no)) WITHOUT ROWID;
CREATE TABLE {prefix}seal (
    tenant TEXT NOT NULL, seal_no NUMBER NOT NULL, entries NUMBER NOT NULL, last_entry_no NUMBER NOT NULL,
    digest TEXT NOT NULL, user_id TEXT, recorded_at INSTANT NOT NULL, PRIMARY KEY (tenant, seal_no)) WITHOUT ROWID;
CREATE TABLE {prefix}entry_seal (
    tenant TEXT NOT NULL, entry_no NUMBER NOT NULL, seal_no NUMBER NOT NULL, postponed_in NUMBER NOT NULL, erasure_no NUMBER,
    removed FLAG NOT NULL, fixed TEXT NOT NULL, living TEXT NOT NULL, personal TEXT NOT NULL,
    linked TEXT NOT NULL, salt TEXT NOT NULL, PRIMARY KEY (tenant, entry_no)) WITHOUT ROWID;
CREATE INDEX {bare}entry_seal_open ON {prefix}entry_seal (tenant, seal_no) WHERE seal_no = 0;
CREATE TABLE {prefix}seal_key (
    tenant TEXT NOT NULL, contact_no TEXT NOT NULL, secret TEXT NOT NULL, PRIMARY KEY (tenant, contact_no)) WITHOUT ROWID;
sqlite: CREATE TABLE {prefix}entry_counter (
    tenant TEXT NOT NULL, kind TEXT NOT NULL, last_value NUMBER NOT NULL, PRIMARY KEY (tenant, kind)) WITHOUT ROWID;
CREATE TABLE {prefix}schema_version (
    tenant TEXT NOT NULL, version COUNT NOT NULL, recorded_at INSTANT NOT NULL, PRIMARY KEY (tenant, version)) WITHOUT ROWID;
postgresql: ALTER TABLE {prefix}contact ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}contact_alternative_address ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}contact_alternative_address_period ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}contact_membership ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}attachment ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}log_entry ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}log_comment ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}delivery ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}delivery_receipt ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}segment_line ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}removed_line ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}left_out_line ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}number_ledger ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}idempotency_key ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}external_key ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}consent ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}suppression ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}entry_seal ALTER COLUMN tenant SET STATISTICS 0;
postgresql: ALTER TABLE {prefix}seal_key ALTER COLUMN tenant SET STATISTICS 0;
