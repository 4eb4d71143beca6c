-- The columns the rules need, normalised, money in fen, months and days as numbers.
--- tax
SELECT ${id} AS id, ${name} AS name, ${period} AS period,
  CASE income_type WHEN 'wage' THEN 1 WHEN 'labour' THEN 1 WHEN 'business' THEN 2 WHEN 'property_sale' THEN 0 WHEN 'incidental' THEN 0 ELSE 3 END AS line,
  CASE income_type WHEN 'wage' THEN 1 ELSE 0 END AS wage,
  ${greatest}(0, ${income} - ${own_insurance} - ${tax}) AS net
FROM ${source}
--- insurance
SELECT id, name, CASE WHEN kind > 0 THEN month END AS month, kind, sum(CASE WHEN kind = 1 THEN fen ELSE 0 END) AS fen FROM (
  SELECT ${id} AS id, ${name} AS name, ${month} AS month,
    CASE WHEN role = 'receiving' AND scheme IN ('employee_pension', 'unemployment', 'injury') THEN 1
      WHEN role = 'contributing' AND scheme = 'employee_pension' AND identity = 'employee' THEN 2 ELSE 0 END AS kind,
    ${benefit} AS fen
  FROM ${source}) AS x
GROUP BY 1, 2, 3, 4
--- vehicle
SELECT ${id} AS id, ${name} AS name, ${plate} AS plate,
  CASE WHEN vehicle_class IN ('motorcycle', 'tricycle', 'disability', 'farm') THEN 1 ELSE 0 END AS exempt,
  CASE WHEN status = 'normal' THEN ${registered_on} ELSE 99999999 END AS since
FROM ${source}
--- property
SELECT ${id} AS id, ${name} AS name, ${unit} AS unit, ${unit_code} AS unit_code, ${certificate_no} AS certificate_no,
  CASE WHEN kind IN ('residential', 'homestead') THEN 1 WHEN kind IN ('commercial', 'office', 'industrial') THEN 2 ELSE 0 END AS class,
  CASE WHEN status = 'current' THEN ${registered_on} ELSE 99999999 END AS since
FROM ${source}
--- bank
SELECT x.*, coalesce(lead(balance_on) OVER (PARTITION BY id, name, account ORDER BY balance_on), 99999999) AS until,
  CASE WHEN min(id) OVER one = max(id) OVER one AND min(name) OVER one = max(name) OVER one THEN 1 ELSE 0 END AS sole
FROM (
  SELECT ${id} AS id, ${name} AS name, ${account} AS account, ${balance_on} AS balance_on,
    CASE WHEN ${no_purpose} THEN 1 ELSE 0 END AS counts, ${balance} AS balance, ${share} AS share,
    CASE WHEN ${no_share} THEN ${balance} ELSE ${part} END AS part
  FROM ${source}) AS x
WINDOW one AS (PARTITION BY account)
