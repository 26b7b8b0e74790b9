-- The first schema, made from the description in adapters/tables.py. Every key begins with tenant; no
-- foreign keys, triggers or checks: the services keep the rules, in one transaction, alike on every
-- store. Codes compare by code point. Entry numbers of every tenant come from one sequence for each kind:
-- unique and rising, not dense.

CREATE SEQUENCE {prefix}attachment_no;
CREATE SEQUENCE {prefix}log_entry_no;
CREATE SEQUENCE {prefix}logged_segment_no;
CREATE SEQUENCE {prefix}campaign_entry_no;
CREATE SEQUENCE {prefix}consent_no;
CREATE SEQUENCE {prefix}erasure_no;
CREATE TABLE {prefix}contact (
    tenant text COLLATE "C" NOT NULL, no text COLLATE "C" NOT NULL, type smallint NOT NULL,
    correspondence_type smallint, exclude_from_segment boolean NOT NULL, privacy_blocked boolean NOT NULL,
    minor boolean NOT NULL, name text COLLATE "C" NOT NULL, company_no text COLLATE "C",
    company_name text COLLATE "C" NOT NULL, address text NOT NULL, post_code text NOT NULL,
    city text NOT NULL, county text NOT NULL, country_code text COLLATE "C", territory_code text COLLATE "C",
    currency_code text COLLATE "C", language_code text COLLATE "C", salesperson_code text COLLATE "C",
    salutation_code text COLLATE "C", job_title text NOT NULL, organizational_level_code text COLLATE "C",
    e_mail text COLLATE "C" NOT NULL, phone_no text COLLATE "C" NOT NULL,
    mobile_phone_no text COLLATE "C" NOT NULL, search_name text COLLATE "C" NOT NULL, PRIMARY KEY (tenant, no));
CREATE INDEX {bare}contact_company ON {prefix}contact (tenant, company_no, no);
CREATE INDEX {bare}contact_e_mail ON {prefix}contact (tenant, lower(e_mail)) WHERE e_mail <> '';
CREATE INDEX {bare}contact_phone_no ON {prefix}contact
    (tenant, replace(replace(replace(replace(replace(replace(phone_no, ' ', ''), '-', ''), '/', ''), '(', ''), ')', ''), '.', ''))
    WHERE phone_no <> '';
CREATE INDEX {bare}contact_mobile_phone_no ON {prefix}contact
    (tenant, replace(replace(replace(replace(replace(replace(mobile_phone_no, ' ', ''), '-', ''), '/', ''), '(', ''), ')', ''), '.', ''))
    WHERE mobile_phone_no <> '';
CREATE TABLE {prefix}contact_alternative_address (
    tenant text COLLATE "C" NOT NULL, contact_no text COLLATE "C" NOT NULL, code text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL, address text NOT NULL, address_2 text NOT NULL, post_code text NOT NULL,
    city text NOT NULL, county text NOT NULL, country_code text COLLATE "C", e_mail text COLLATE "C" NOT NULL,
    phone_no text COLLATE "C" NOT NULL, mobile_phone_no text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, contact_no, code));
CREATE TABLE {prefix}contact_alternative_address_period (
    tenant text COLLATE "C" NOT NULL, contact_no text COLLATE "C" NOT NULL, starting_date date NOT NULL,
    ending_date date, code text COLLATE "C" NOT NULL, PRIMARY KEY (tenant, contact_no, starting_date));
CREATE TABLE {prefix}contact_membership (
    tenant text COLLATE "C" NOT NULL, contact_no text COLLATE "C" NOT NULL, kind smallint NOT NULL,
    code text COLLATE "C" NOT NULL, line_no bigint NOT NULL, questionnaire_priority integer NOT NULL,
    answer_priority integer NOT NULL, link_to_table text NOT NULL, linked_no text COLLATE "C",
    PRIMARY KEY (tenant, contact_no, kind, code, line_no));
CREATE INDEX {bare}contact_membership_code ON {prefix}contact_membership
    (tenant, kind, code, line_no, contact_no);
CREATE INDEX {bare}contact_membership_account ON {prefix}contact_membership
    (tenant, linked_no, link_to_table, contact_no) WHERE linked_no IS NOT NULL;
CREATE TABLE {prefix}reference_code (
    tenant text COLLATE "C" NOT NULL, kind smallint NOT NULL, code text COLLATE "C" NOT NULL,
    line_no bigint NOT NULL, description text NOT NULL, line_type text NOT NULL,
    multiple_answers boolean NOT NULL, priority integer NOT NULL, PRIMARY KEY (tenant, kind, code, line_no));
CREATE TABLE {prefix}salesperson (
    tenant text COLLATE "C" NOT NULL, code text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,
    e_mail text COLLATE "C" NOT NULL, blocked boolean NOT NULL, privacy_blocked boolean NOT NULL,
    PRIMARY KEY (tenant, code));
CREATE TABLE {prefix}user (
    tenant text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL, full_name text NOT NULL,
    e_mail text COLLATE "C" NOT NULL, salesperson_code text COLLATE "C", PRIMARY KEY (tenant, user_id));
CREATE TABLE {prefix}marketing_setup (
    tenant text COLLATE "C" NOT NULL, segment_nos text COLLATE "C", contact_nos text COLLATE "C",
    campaign_nos text COLLATE "C", to_do_nos text COLLATE "C", opportunity_nos text COLLATE "C",
    default_correspondence_type smallint, default_language_code text COLLATE "C",
    default_salesperson_code text COLLATE "C", def_company_salutation_code text COLLATE "C",
    default_person_salutation_code text COLLATE "C", PRIMARY KEY (tenant));
CREATE TABLE {prefix}template_setup (
    tenant text COLLATE "C" NOT NULL, purpose text COLLATE "C" NOT NULL,
    interaction_template_code text COLLATE "C" NOT NULL, PRIMARY KEY (tenant, purpose));
CREATE TABLE {prefix}interaction_group (
    tenant text COLLATE "C" NOT NULL, code text COLLATE "C" NOT NULL, description text NOT NULL,
    PRIMARY KEY (tenant, code));
CREATE TABLE {prefix}interaction_template (
    tenant text COLLATE "C" NOT NULL, code text COLLATE "C" NOT NULL,
    interaction_group_code text COLLATE "C" NOT NULL, description text NOT NULL,
    unit_cost_lcy numeric(20,5) NOT NULL, unit_duration_min integer NOT NULL, information_flow smallint,
    initiated_by smallint, campaign_no text COLLATE "C", campaign_target boolean NOT NULL,
    campaign_response boolean NOT NULL, correspondence_type_default smallint,
    ignore_contact_corres_type boolean NOT NULL, language_code_default text COLLATE "C",
    wizard_action smallint, word_template_code text COLLATE "C", purpose_code text COLLATE "C",
    PRIMARY KEY (tenant, code));
CREATE TABLE {prefix}template_language (
    tenant text COLLATE "C" NOT NULL, interaction_template_code text COLLATE "C" NOT NULL,
    language_code text COLLATE "C" NOT NULL, description text NOT NULL, attachment_no bigint,
    word_template_code text COLLATE "C", custom_layout_code text COLLATE "C",
    report_layout_name text NOT NULL, PRIMARY KEY (tenant, interaction_template_code, language_code));
CREATE TABLE {prefix}attachment (
    tenant text COLLATE "C" NOT NULL, no bigint NOT NULL, name text COLLATE "C" NOT NULL,
    media_type text NOT NULL, extension text NOT NULL, size bigint NOT NULL, digest text COLLATE "C" NOT NULL,
    read_only boolean NOT NULL, recorded_at timestamptz NOT NULL, PRIMARY KEY (tenant, no));
CREATE INDEX {bare}attachment_digest ON {prefix}attachment (tenant, digest);
CREATE TABLE {prefix}attachment_content (
    tenant text COLLATE "C" NOT NULL, digest text COLLATE "C" NOT NULL, part_no integer NOT NULL,
    content bytea NOT NULL, PRIMARY KEY (tenant, digest, part_no));
CREATE TABLE {prefix}log_entry (
    tenant text COLLATE "C" NOT NULL, entry_no bigint NOT NULL, time_of_interaction time,
    campaign_entry_no bigint, segment_line_no bigint, logged_segment_entry_no bigint, attachment_no bigint,
    modified_word_template bigint, personal_fields bigint NOT NULL, recorded_at timestamptz NOT NULL,
    user_set bigint NOT NULL DEFAULT 0, created_at timestamptz, resend_of bigint, date date NOT NULL,
    duration_min integer NOT NULL, doc_no_occurrence integer NOT NULL DEFAULT 0,
    version_no integer NOT NULL DEFAULT 0, cancel_state integer NOT NULL DEFAULT 0,
    reprint_no integer NOT NULL DEFAULT 0, information_flow smallint, initiated_by smallint,
    correspondence_type smallint, evaluation smallint, delivery_status smallint, document_type smallint,
    campaign_response boolean NOT NULL, campaign_target boolean NOT NULL, attempt_failed boolean NOT NULL,
    send_word_docs_as_attmt boolean NOT NULL, merged boolean NOT NULL,
    postponed boolean NOT NULL DEFAULT false, e_mail_logged boolean NOT NULL DEFAULT false,
    contact_no text COLLATE "C", contact_company_no text COLLATE "C", description text NOT NULL,
    subject text NOT NULL, cost_lcy numeric(20,5) NOT NULL, user_id text COLLATE "C",
    interaction_group_code text COLLATE "C", interaction_template_code text COLLATE "C",
    interaction_language_code text COLLATE "C", campaign_no text COLLATE "C", segment_no text COLLATE "C",
    to_do_no text COLLATE "C", salesperson_code text COLLATE "C", contact_alt_address_code text COLLATE "C",
    contact_via text NOT NULL, word_template_code text COLLATE "C", opportunity_no text COLLATE "C",
    document_no text COLLATE "C", host_ref text COLLATE "C", created_by text COLLATE "C",
    PRIMARY KEY (tenant, entry_no));
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
    tenant text COLLATE "C" NOT NULL, entry_no bigint NOT NULL, line_no bigint NOT NULL, date date,
    code text COLLATE "C", comment text NOT NULL, user_id text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL, PRIMARY KEY (tenant, entry_no, line_no));
CREATE TABLE {prefix}delivery (
    tenant text COLLATE "C" NOT NULL, entry_no bigint NOT NULL, requested_at timestamptz NOT NULL,
    not_before timestamptz NOT NULL, expires_at timestamptz, claimed_until timestamptz, begun_at timestamptz,
    settled_at timestamptz, attachment_no bigint, attempts integer NOT NULL, state smallint NOT NULL,
    channel text COLLATE "C" NOT NULL, message_id text NOT NULL, reason text COLLATE "C", text text NOT NULL,
    recipient text NOT NULL, claimed_by text COLLATE "C", provider_id text NOT NULL,
    PRIMARY KEY (tenant, entry_no));
CREATE INDEX {bare}delivery_due ON {prefix}delivery (tenant, not_before, entry_no) WHERE state = 1;
CREATE INDEX {bare}delivery_claimed ON {prefix}delivery (tenant, claimed_until) WHERE state = 2;
CREATE INDEX {bare}delivery_attachment ON {prefix}delivery (tenant, attachment_no)
    WHERE attachment_no IS NOT NULL;
CREATE TABLE {prefix}delivery_receipt (
    tenant text COLLATE "C" NOT NULL, entry_no bigint NOT NULL, event smallint NOT NULL,
    happened_at timestamptz NOT NULL, text text NOT NULL, recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, entry_no, event, happened_at));
CREATE TABLE {prefix}segment (
    tenant text COLLATE "C" NOT NULL, no text COLLATE "C" NOT NULL, description text NOT NULL,
    campaign_no text COLLATE "C", salesperson_code text COLLATE "C", correspondence_type_default smallint,
    interaction_template_code text COLLATE "C", interaction_group_code text COLLATE "C",
    unit_cost_lcy numeric(20,5) NOT NULL, unit_duration_min integer NOT NULL, date date,
    campaign_target boolean NOT NULL, campaign_response boolean NOT NULL, information_flow smallint,
    initiated_by smallint, no_series text COLLATE "C", language_code_default text COLLATE "C",
    send_word_docs_as_attmt boolean NOT NULL, ignore_contact_corres_type boolean NOT NULL,
    subject_default text NOT NULL, word_template_code text COLLATE "C", version integer NOT NULL,
    host_ref text COLLATE "C", follow_up_of bigint, follow_up_filter text, incomplete boolean NOT NULL,
    purpose_code text COLLATE "C", PRIMARY KEY (tenant, no));
CREATE TABLE {prefix}segment_line (
    tenant text COLLATE "C" NOT NULL, segment_no text COLLATE "C" NOT NULL, line_no bigint NOT NULL,
    attachment_no bigint, time_of_interaction time, duration_min integer NOT NULL, date date,
    added_by_step integer NOT NULL, correspondence_type smallint, information_flow smallint,
    initiated_by smallint, evaluation smallint, campaign_response boolean NOT NULL,
    campaign_target boolean NOT NULL, attempt_failed boolean NOT NULL,
    send_word_doc_as_attmt boolean NOT NULL, merged boolean NOT NULL, contact_no text COLLATE "C",
    contact_company_no text COLLATE "C", campaign_no text COLLATE "C", salesperson_code text COLLATE "C",
    interaction_template_code text COLLATE "C", interaction_group_code text COLLATE "C",
    cost_lcy numeric(20,5) NOT NULL, contact_alt_address_code text COLLATE "C",
    language_code text COLLATE "C", description text NOT NULL, to_do_no text COLLATE "C",
    contact_via text NOT NULL, subject text NOT NULL, opportunity_no text COLLATE "C",
    word_template_code text COLLATE "C", PRIMARY KEY (tenant, segment_no, line_no));
CREATE INDEX {bare}segment_line_contact ON {prefix}segment_line (tenant, contact_no)
    WHERE contact_no IS NOT NULL;
CREATE TABLE {prefix}segment_language (
    tenant text COLLATE "C" NOT NULL, segment_no text COLLATE "C" NOT NULL,
    logged_segment_entry_no bigint NOT NULL, removed_by_step integer NOT NULL,
    segment_line_no bigint NOT NULL, language_code text COLLATE "C" NOT NULL, description text NOT NULL,
    attachment_no bigint, subject text NOT NULL, word_template_code text COLLATE "C",
    PRIMARY KEY (tenant, segment_no, logged_segment_entry_no, removed_by_step, segment_line_no, language_code));
CREATE TABLE {prefix}criteria_step (
    tenant text COLLATE "C" NOT NULL, segment_no text COLLATE "C" NOT NULL,
    logged_segment_entry_no bigint NOT NULL, step_no integer NOT NULL, action smallint NOT NULL,
    filter text NOT NULL, all_contacts boolean NOT NULL, widening text NOT NULL,
    allow_existing boolean NOT NULL, ignore_exclusion boolean NOT NULL, entire_companies boolean NOT NULL,
    source smallint NOT NULL, source_entry_no bigint, lines_added integer NOT NULL,
    lines_removed integer NOT NULL, user_id text COLLATE "C", recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, segment_no, logged_segment_entry_no, step_no));
CREATE TABLE {prefix}removed_line (
    tenant text COLLATE "C" NOT NULL, removed_by_step integer NOT NULL, segment_no text COLLATE "C" NOT NULL,
    line_no bigint NOT NULL, contact_no text COLLATE "C", contact_company_no text COLLATE "C",
    campaign_no text COLLATE "C", salesperson_code text COLLATE "C", correspondence_type smallint,
    interaction_template_code text COLLATE "C", interaction_group_code text COLLATE "C",
    cost_lcy numeric(20,5) NOT NULL, duration_min integer NOT NULL, attachment_no bigint,
    campaign_response boolean NOT NULL, campaign_target boolean NOT NULL, information_flow smallint,
    initiated_by smallint, contact_alt_address_code text COLLATE "C", evaluation smallint,
    language_code text COLLATE "C", description text NOT NULL, date date, time_of_interaction time,
    attempt_failed boolean NOT NULL, to_do_no text COLLATE "C", send_word_doc_as_attmt boolean NOT NULL,
    contact_via text NOT NULL, subject text NOT NULL, opportunity_no text COLLATE "C",
    word_template_code text COLLATE "C", merged boolean NOT NULL, added_by_step integer NOT NULL,
    PRIMARY KEY (tenant, segment_no, removed_by_step, line_no));
CREATE TABLE {prefix}saved_criteria (
    tenant text COLLATE "C" NOT NULL, code text COLLATE "C" NOT NULL, description text NOT NULL,
    user_id text COLLATE "C", PRIMARY KEY (tenant, code));
CREATE TABLE {prefix}saved_criteria_step (
    tenant text COLLATE "C" NOT NULL, code text COLLATE "C" NOT NULL, step_no integer NOT NULL,
    action smallint NOT NULL, filter text NOT NULL, all_contacts boolean NOT NULL, widening text NOT NULL,
    allow_existing boolean NOT NULL, ignore_exclusion boolean NOT NULL, entire_companies boolean NOT NULL,
    source smallint NOT NULL, source_entry_no bigint, PRIMARY KEY (tenant, code, step_no));
CREATE TABLE {prefix}logged_segment (
    tenant text COLLATE "C" NOT NULL, entry_no bigint NOT NULL, segment_no text COLLATE "C" NOT NULL,
    description text NOT NULL, creation_date date NOT NULL, user_id text COLLATE "C",
    cancel_state integer NOT NULL, state smallint NOT NULL, header text, policy text, plan_token text,
    counts text NOT NULL, first_entry_no bigint, last_entry_no bigint, host_ref text COLLATE "C",
    follow_up_of bigint, follow_up_filter text, recorded_at timestamptz NOT NULL, undone_by text COLLATE "C",
    undone_at timestamptz, last_line_no bigint, batch_size integer, PRIMARY KEY (tenant, entry_no));
CREATE UNIQUE INDEX {bare}logged_segment_standing ON {prefix}logged_segment (tenant, segment_no)
    WHERE state <> 3;
CREATE INDEX {bare}logged_segment_follow_up ON {prefix}logged_segment (tenant, follow_up_of)
    WHERE follow_up_of IS NOT NULL;
CREATE TABLE {prefix}left_out_line (
    tenant text COLLATE "C" NOT NULL, logged_segment_entry_no bigint NOT NULL, line_no bigint NOT NULL,
    attachment_no bigint, time_of_interaction time, duration_min integer NOT NULL, date date,
    added_by_step integer NOT NULL, correspondence_type smallint, information_flow smallint,
    initiated_by smallint, evaluation smallint, campaign_response boolean NOT NULL,
    campaign_target boolean NOT NULL, attempt_failed boolean NOT NULL,
    send_word_doc_as_attmt boolean NOT NULL, merged boolean NOT NULL, segment_no text COLLATE "C" NOT NULL,
    contact_no text COLLATE "C", contact_company_no text COLLATE "C", campaign_no text COLLATE "C",
    salesperson_code text COLLATE "C", interaction_template_code text COLLATE "C",
    interaction_group_code text COLLATE "C", cost_lcy numeric(20,5) NOT NULL,
    contact_alt_address_code text COLLATE "C", language_code text COLLATE "C", description text NOT NULL,
    to_do_no text COLLATE "C", contact_via text NOT NULL, subject text NOT NULL,
    opportunity_no text COLLATE "C", word_template_code text COLLATE "C", reasons text NOT NULL,
    PRIMARY KEY (tenant, logged_segment_entry_no, line_no));
CREATE TABLE {prefix}campaign (
    tenant text COLLATE "C" NOT NULL, no text COLLATE "C" NOT NULL, description text NOT NULL,
    starting_date date, ending_date date, salesperson_code text COLLATE "C", status_code text COLLATE "C",
    last_date_modified date, no_series text COLLATE "C", activated boolean NOT NULL, PRIMARY KEY (tenant, no));
CREATE TABLE {prefix}campaign_entry (
    tenant text COLLATE "C" NOT NULL, entry_no bigint NOT NULL, campaign_no text COLLATE "C" NOT NULL,
    description text NOT NULL, date date, user_id text COLLATE "C", segment_no text COLLATE "C" NOT NULL,
    salesperson_code text COLLATE "C", register_no bigint NOT NULL, document_type smallint NOT NULL,
    cancel_state integer NOT NULL, closed boolean NOT NULL, PRIMARY KEY (tenant, entry_no));
CREATE UNIQUE INDEX {bare}campaign_entry_open ON {prefix}campaign_entry
    (tenant, campaign_no, document_type, segment_no, register_no) WHERE NOT closed;
CREATE INDEX {bare}campaign_entry_register ON {prefix}campaign_entry (tenant, register_no);
CREATE TABLE {prefix}no_series (
    tenant text COLLATE "C" NOT NULL, code text COLLATE "C" NOT NULL, description text NOT NULL,
    default_nos boolean NOT NULL, manual_nos boolean NOT NULL, date_order boolean NOT NULL,
    ledger boolean NOT NULL, PRIMARY KEY (tenant, code));
CREATE TABLE {prefix}no_series_line (
    tenant text COLLATE "C" NOT NULL, series_code text COLLATE "C" NOT NULL, line_no bigint NOT NULL,
    starting_date date, prefix text COLLATE "C" NOT NULL, width integer NOT NULL,
    suffix text COLLATE "C" NOT NULL, first_value bigint NOT NULL, last_allowed bigint, warning_value bigint,
    step bigint NOT NULL, policy smallint NOT NULL, growth smallint NOT NULL, template text COLLATE "C",
    reset_period smallint NOT NULL, PRIMARY KEY (tenant, series_code, line_no));
CREATE TABLE {prefix}no_series_relation (
    tenant text COLLATE "C" NOT NULL, code text COLLATE "C" NOT NULL, series_code text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, code, series_code));
CREATE TABLE {prefix}number_counter (
    tenant text COLLATE "C" NOT NULL, series_code text COLLATE "C" NOT NULL, line_no bigint NOT NULL,
    period_key text COLLATE "C" NOT NULL, last_value bigint, last_date date, version integer NOT NULL,
    PRIMARY KEY (tenant, series_code, line_no, period_key));
CREATE TABLE {prefix}number_ledger (
    tenant text COLLATE "C" NOT NULL, series_code text COLLATE "C" NOT NULL, line_no bigint NOT NULL,
    period_key text COLLATE "C" NOT NULL, first_value bigint NOT NULL, last_value bigint NOT NULL,
    step bigint NOT NULL, state smallint NOT NULL, user_id text COLLATE "C", recorded_at timestamptz NOT NULL,
    usage_date date, record_kind text COLLATE "C", record_key text COLLATE "C", reason text NOT NULL,
    PRIMARY KEY (tenant, series_code, line_no, period_key, first_value));
CREATE TABLE {prefix}idempotency_key (
    tenant text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, operation text COLLATE "C" NOT NULL,
    fingerprint text NOT NULL, result_kind text COLLATE "C" NOT NULL, result_no text COLLATE "C",
    user_id text COLLATE "C", recorded_at timestamptz NOT NULL, PRIMARY KEY (tenant, key));
CREATE TABLE {prefix}external_key (
    tenant text COLLATE "C" NOT NULL, source text COLLATE "C" NOT NULL, target text COLLATE "C" NOT NULL,
    external_id text COLLATE "C" NOT NULL, record_no text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, source, target, external_id));
CREATE TABLE {prefix}purpose (
    tenant text COLLATE "C" NOT NULL, code text COLLATE "C" NOT NULL, needs text NOT NULL,
    description text NOT NULL, PRIMARY KEY (tenant, code));
CREATE TABLE {prefix}consent (
    tenant text COLLATE "C" NOT NULL, entry_no bigint NOT NULL, recorded_at timestamptz NOT NULL,
    date date NOT NULL, given boolean NOT NULL, contact_no text COLLATE "C" NOT NULL,
    channel text COLLATE "C", purpose_code text COLLATE "C", source text COLLATE "C" NOT NULL,
    evidence text NOT NULL, user_id text COLLATE "C", PRIMARY KEY (tenant, entry_no));
CREATE INDEX {bare}consent_contact ON {prefix}consent
    (tenant, contact_no, date, entry_no, purpose_code, channel, given);
CREATE TABLE {prefix}suppression (
    tenant text COLLATE "C" NOT NULL, address text COLLATE "C" NOT NULL, channel text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL, reason text NOT NULL, source text COLLATE "C" NOT NULL,
    user_id text COLLATE "C", PRIMARY KEY (tenant, address, channel));
CREATE TABLE {prefix}erasure (
    tenant text COLLATE "C" NOT NULL, erasure_no bigint NOT NULL, scope text NOT NULL, reason text NOT NULL,
    counts text NOT NULL, user_id text COLLATE "C", recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, erasure_no));
CREATE TABLE {prefix}seal (
    tenant text COLLATE "C" NOT NULL, seal_no bigint NOT NULL, entries bigint NOT NULL,
    last_entry_no bigint NOT NULL, digest text COLLATE "C" NOT NULL, user_id text COLLATE "C",
    recorded_at timestamptz NOT NULL, PRIMARY KEY (tenant, seal_no));
CREATE TABLE {prefix}entry_seal (
    tenant text COLLATE "C" NOT NULL, entry_no bigint NOT NULL, seal_no bigint NOT NULL, erasure_no bigint,
    removed boolean NOT NULL, fixed text NOT NULL, living text NOT NULL, personal text NOT NULL,
    linked text NOT NULL, salt text NOT NULL, PRIMARY KEY (tenant, entry_no));
CREATE INDEX {bare}entry_seal_open ON {prefix}entry_seal (tenant, seal_no) WHERE seal_no = 0;
CREATE TABLE {prefix}seal_key (
    tenant text COLLATE "C" NOT NULL, contact_no text COLLATE "C" NOT NULL, secret text NOT NULL,
    PRIMARY KEY (tenant, contact_no));
CREATE TABLE {prefix}schema_version (
    tenant text COLLATE "C" NOT NULL, version integer NOT NULL, recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, version));
ALTER TABLE {prefix}contact ALTER COLUMN tenant SET STATISTICS 0;
ALTER TABLE {prefix}contact_membership ALTER COLUMN tenant SET STATISTICS 0;
ALTER TABLE {prefix}log_entry ALTER COLUMN tenant SET STATISTICS 0;
ALTER TABLE {prefix}delivery ALTER COLUMN tenant SET STATISTICS 0;
ALTER TABLE {prefix}segment_line ALTER COLUMN tenant SET STATISTICS 0;
ALTER TABLE {prefix}left_out_line ALTER COLUMN tenant SET STATISTICS 0;
ALTER TABLE {prefix}external_key ALTER COLUMN tenant SET STATISTICS 0;
ALTER TABLE {prefix}consent ALTER COLUMN tenant SET STATISTICS 0;
ALTER TABLE {prefix}suppression ALTER COLUMN tenant SET STATISTICS 0;
ALTER TABLE {prefix}entry_seal ALTER COLUMN tenant SET STATISTICS 0;
