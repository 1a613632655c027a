-- All executions of a run key, superseded ones too, oldest first.   ?1 run key
SELECT   execution.id, execution.run, cell.task, cell.setting, cell.tier, cell.method, cell.label, cell.parameters, cell.seed,
         execution.environment, run.code, execution.failure, execution.message, execution.digest, execution.started_ms,
         execution.peak_memory_kb, execution.seconds, execution.cpu_seconds
FROM     execution JOIN run ON run.key = execution.run JOIN cell ON cell.id = run.cell
WHERE    execution.run = ?1
ORDER BY execution.id;
