-- Every metric of every execution.
SELECT   metric.execution, metric_name.name, metric.value
FROM     metric JOIN metric_name ON metric_name.id = metric.name
ORDER BY metric.execution, metric_name.name;
