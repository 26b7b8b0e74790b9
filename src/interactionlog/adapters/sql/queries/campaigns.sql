-- name: open_campaign_entry
SELECT {campaign_entry_columns}
FROM {prefix}campaign_entry
WHERE tenant = ? AND campaign_no = ? AND document_type = ? AND segment_no = ?
    AND register_no = ? AND NOT closed

-- name: campaign_entries_of_campaign
SELECT {campaign_entry_columns}
FROM {prefix}campaign_entry
WHERE tenant = ? AND campaign_no = ?
ORDER BY entry_no

-- name: campaign_entries_of_register
SELECT {campaign_entry_columns}
FROM {prefix}campaign_entry
WHERE tenant = ? AND register_no = ?
ORDER BY entry_no
