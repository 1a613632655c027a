-- Every metric of the executions of one run key.   ?1 run key
SELECT   metric.execution, metric_name.name, metric.value
FROM     metric JOIN metric_name ON metric_name.id = metric.name JOIN execution ON execution.id = metric.execution
WHERE    execution.run = ?1
ORDER BY metric.execution, metric_name.name;
