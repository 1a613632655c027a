-- What runs have cost: one row an ok execution, of any environment. The caller takes medians.
SELECT cell.task, cell.setting, cell.tier, cell.label, execution.seconds, execution.peak_memory_kb
FROM   execution JOIN run ON run.key = execution.run JOIN cell ON cell.id = run.cell
WHERE  execution.failure = '';
