"""Integrations with hosts; each needs the extra that has its name, and nothing else imports it."""
