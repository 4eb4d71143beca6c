-- Facts of a person for one day of the check, from the tuned database. Not
-- aggregated: what is compared with the declaration or shared by a household.
--- person
WITH t AS (
  SELECT id, name,
    sum(CASE WHEN ${t_line} = 1 AND ${t_counts} THEN ${t_net} ELSE 0 END) AS wage,
    sum(CASE WHEN ${t_line} = 2 AND ${t_counts} THEN ${t_net} ELSE 0 END) AS business,
    sum(CASE WHEN ${t_line} = 3 AND ${t_counts} THEN ${t_net} ELSE 0 END) AS property,
    bit_or(CASE WHEN ${t_wage} = 1 AND ${t_in} THEN 1 << ${t_month} ELSE 0 END) AS waged,
    max(CASE WHEN ${t_line} > 0 AND ${t_touches} AND NOT ${t_exact} AND ${t_net} > 0 THEN 1 ELSE 0 END) AS unplaced,
    max(CASE WHEN ${t_line} = 0 AND (${t_in} OR ${t_touches}) AND ${t_net} > 0 THEN 1 ELSE 0 END) AS one_off
  FROM tuned.tax r GROUP BY id, name
), i AS (
  SELECT id, name,
    sum(CASE WHEN ${i_kind} = 1 AND ${i_in} THEN ${i_fen} ELSE 0 END) AS transfer,
    bit_or(CASE WHEN ${i_kind} = 2 AND ${i_in} THEN 1 << ${i_month} ELSE 0 END) AS employed
  FROM tuned.insurance r GROUP BY id, name
), fin AS (
  SELECT id, name, sum(part) AS fin FROM tuned.bank
  WHERE sole = 1 AND counts = 1 AND balance_on <= ${day} AND until > ${day} GROUP BY id, name
), everybody AS (
  SELECT id, name, max(CASE source WHEN 1 THEN 1 ELSE 0 END) AS in_tax, max(CASE source WHEN 2 THEN 1 ELSE 0 END) AS in_vehicle,
    max(CASE source WHEN 3 THEN 1 ELSE 0 END) AS in_property, max(CASE source WHEN 4 THEN 1 ELSE 0 END) AS in_bank,
    max(CASE source WHEN 5 THEN 1 ELSE 0 END) AS in_insurance
  FROM (
    SELECT id, name, 1 AS source FROM tuned.tax UNION ALL SELECT id, name, 2 FROM tuned.vehicle UNION ALL SELECT id, name, 3 FROM tuned.property
    UNION ALL SELECT id, name, 4 FROM tuned.bank UNION ALL SELECT id, name, 5 FROM tuned.insurance)
  WHERE id IS NOT NULL AND name IS NOT NULL GROUP BY id, name
)
SELECT everybody.*, CAST(coalesce(t.wage, 0) AS BIGINT) AS wage, CAST(coalesce(t.business, 0) AS BIGINT) AS business,
  CAST(coalesce(t.property, 0) AS BIGINT) AS property, CAST(coalesce(i.transfer, 0) AS BIGINT) AS transfer,
  CAST(coalesce(fin.fin, 0) AS BIGINT) AS fin, coalesce(t.unplaced, 0) AS unplaced, coalesce(t.one_off, 0) AS one_off,
  CASE WHEN ${popcount_unwaged} >= 3 THEN 1 ELSE 0 END AS unexplained
FROM everybody LEFT JOIN t USING (id, name) LEFT JOIN i USING (id, name) LEFT JOIN fin USING (id, name)
--- holding
SELECT id, name, account, part, balance, share FROM tuned.bank
WHERE sole = 0 AND counts = 1 AND balance_on <= ${day} AND until > ${day} AND id IS NOT NULL AND name IS NOT NULL
--- vehicle
SELECT id, name, plate, exempt FROM tuned.vehicle WHERE since <= ${on} AND id IS NOT NULL AND name IS NOT NULL
--- property
SELECT id, name, unit, unit_code, certificate_no, class FROM tuned.property WHERE since <= ${on} AND id IS NOT NULL AND name IS NOT NULL
