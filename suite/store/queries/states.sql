-- Every run key that was executed in an environment, and whether one of its executions is ok.   ?1 environment
SELECT   run, max(failure = '') AS ok
FROM     execution
WHERE    environment = ?1
GROUP BY run;
