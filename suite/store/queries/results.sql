-- Every current execution with its cell, of all environments, in the order of the pages.
SELECT   execution.id, execution.run, cell.task, cell.setting, cell.tier, cell.method, cell.label, cell.parameters, cell.seed,
         execution.environment, execution.code, execution.failure, execution.message, execution.digest, execution.started_ms,
         execution.peak_memory_kb, execution.seconds, execution.cpu_seconds
FROM     current_execution AS execution JOIN cell ON cell.id = execution.cell
ORDER BY cell.task, cell.setting, cell.tier, cell.label, cell.seed, execution.environment, execution.id;
