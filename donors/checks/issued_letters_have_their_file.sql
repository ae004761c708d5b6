-- title: Every letter that was issued has its file, or the empty row of one that was erased
-- why: what was sent can be shown again until its person is erased; a row that is missing was lost.
SELECT issued_letter.seq AS entry, issued_letter.reference, issued_letter.file_sha256
FROM issued_letter
WHERE NOT EXISTS (SELECT 1 FROM letter_file WHERE letter_file.sha256 = issued_letter.file_sha256)
ORDER BY issued_letter.seq
