-- name: put_attachment_content
INSERT INTO {prefix}attachment_content (tenant, digest, part_no, content) VALUES (?, ?, ?, ?)
ON CONFLICT (tenant, digest, part_no) DO UPDATE SET part_no = excluded.part_no

-- name: lock_attachment_content
UPDATE {prefix}attachment_content SET part_no = part_no WHERE tenant = ? AND digest = ? AND part_no = 0

-- name: attachment_part
SELECT content FROM {prefix}attachment_content WHERE tenant = ? AND digest = ? AND part_no = ?

-- name: attachments_read_only
UPDATE {prefix}attachment SET read_only = true
WHERE tenant = ? AND no {among(unfolded_numbers)} AND NOT read_only

-- name: contents_without_attachment
SELECT DISTINCT digest FROM {prefix}attachment_content AS content
WHERE content.tenant = ? AND NOT EXISTS (
    SELECT 1 FROM {prefix}attachment AS named WHERE named.tenant = ? AND named.digest = content.digest)

-- name: attachment_referred_to
SELECT 1 FROM ({contents_named}) AS named LIMIT 1

-- name: attachments_referred_to
SELECT DISTINCT attachment_no FROM ({contents_named}) AS named

-- name: contents_named
SELECT attachment_no FROM {prefix}template_language WHERE {has_content}
UNION ALL SELECT attachment_no FROM {prefix}segment_language WHERE {has_content}
UNION ALL SELECT attachment_no FROM {prefix}segment_line WHERE {has_content}
UNION ALL SELECT attachment_no FROM {prefix}removed_line WHERE {has_content}
UNION ALL SELECT attachment_no FROM {prefix}left_out_line WHERE {has_content}
UNION ALL SELECT attachment_no FROM {prefix}log_entry WHERE tenant = ? AND attachment_no {among(unfolded_numbers)}
UNION ALL SELECT attachment_no FROM {prefix}delivery WHERE tenant = ? AND attachment_no {among(unfolded_numbers)}
UNION ALL SELECT modified_word_template FROM {prefix}log_entry
    WHERE tenant = ? AND modified_word_template {among(unfolded_numbers)}

-- name: has_content
tenant = ? AND (attachment_no IN ({unfolded_numbers})) {row_by_row}
