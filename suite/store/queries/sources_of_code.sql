-- The source files of a code version.   ?1 code fingerprint
SELECT   source.path, source.sha256
FROM     code_source JOIN source ON source.id = code_source.source
WHERE    code_source.code = ?1
ORDER BY source.path;
