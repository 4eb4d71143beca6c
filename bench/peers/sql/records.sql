-- What the five tables hold of the members: a row of the same document and another
-- name is only a conflict, a row without a name is nothing.
--- t
  SELECT m.h, m.m,
    sum(CASE WHEN r.name = m.name AND ${t_line} = 1 AND ${t_counts} THEN ${t_net} ELSE 0 END) AS wage,
    sum(CASE WHEN r.name = m.name AND ${t_line} = 2 AND ${t_counts} THEN ${t_net} ELSE 0 END) AS business,
    sum(CASE WHEN r.name = m.name AND ${t_line} = 3 AND ${t_counts} THEN ${t_net} ELSE 0 END) AS property,
    ${mask_of}(${distinct}CASE WHEN r.name = m.name AND ${t_wage} = 1 AND ${t_in} THEN 1 << ${t_month} ELSE 0 END) AS waged,
    max(CASE WHEN r.name = m.name AND ${t_line} > 0 AND ${t_touches} AND NOT ${t_exact} AND ${t_net} > 0 THEN 1 ELSE 0 END) AS unplaced,
    max(CASE WHEN r.name = m.name AND ${t_line} = 0 AND (${t_in} OR ${t_touches}) AND ${t_net} > 0 THEN 1 ELSE 0 END) AS one_off,
    max(CASE WHEN r.name <> m.name THEN 1 ELSE 0 END) AS conflict
  FROM m JOIN tax r ON r.${r_id} = m.id WHERE m.see_tax = 1 GROUP BY m.h, m.m
--- i
  SELECT m.h, m.m,
    sum(CASE WHEN r.name = m.name AND ${i_kind} = 1 AND ${i_in} THEN ${i_fen} ELSE 0 END) AS transfer,
    ${mask_of}(${distinct}CASE WHEN r.name = m.name AND ${i_kind} = 2 AND ${i_in} THEN 1 << ${i_month} ELSE 0 END) AS employed,
    max(CASE WHEN r.name <> m.name THEN 1 ELSE 0 END) AS conflict
  FROM m JOIN insurance r ON r.${r_id} = m.id WHERE m.see_insurance = 1 GROUP BY m.h, m.m
--- income
  SELECT m.h,
    sum(${greatest}(m.wage, coalesce(t.wage, 0)) + ${greatest}(m.business, coalesce(t.business, 0))
      + ${greatest}(m.property, coalesce(t.property, 0)) + ${greatest}(m.transfer, coalesce(i.transfer, 0))) AS total,
    sum(${greatest}(m.wage, coalesce(t.wage, 0) * ${tax_fresh}) + ${greatest}(m.business, coalesce(t.business, 0) * ${tax_fresh})
      + ${greatest}(m.property, coalesce(t.property, 0) * ${tax_fresh}) + ${greatest}(m.transfer, coalesce(i.transfer, 0) * ${insurance_fresh})) AS strong,
    max(CASE WHEN coalesce(t.wage, 0) - m.wage > ${undeclared_income} OR coalesce(t.business, 0) - m.business > ${undeclared_income}
      OR coalesce(t.property, 0) - m.property > ${undeclared_income} OR coalesce(i.transfer, 0) - m.transfer > ${undeclared_income} THEN 1 ELSE 0 END) AS undeclared,
    max(CASE WHEN m.see_tax = 1 AND ${popcount_unwaged} >= 3 THEN 1 ELSE 0 END) AS unexplained,
    max(coalesce(t.unplaced, 0)) AS unplaced, max(coalesce(t.one_off, 0)) AS one_off,
    max(${greatest}(coalesce(t.conflict, 0), coalesce(i.conflict, 0))) AS conflict
  FROM m LEFT JOIN t ON t.h = m.h AND t.m = m.m LEFT JOIN i ON i.h = m.h AND i.m = m.m
  GROUP BY m.h
--- v
  SELECT m.h,
    max(CASE WHEN r.name = m.name AND ${v_live} AND NOT ${v_exempt} THEN 1 ELSE 0 END) AS owned,
    max(CASE WHEN r.name = m.name AND ${v_live} AND plate.plate IS NULL THEN 1 ELSE 0 END) AS undeclared,
    max(CASE WHEN r.name <> m.name THEN 1 ELSE 0 END) AS conflict
  FROM m JOIN vehicle r ON r.${r_id} = m.id LEFT JOIN plate ON plate.h = m.h AND plate.plate = r.plate
  WHERE m.see_vehicle = 1 GROUP BY m.h
--- one_unit
  SELECT m.h, ${p_unit} AS unit,
    max(CASE WHEN r.name = m.name AND ${p_live} THEN 1 ELSE 0 END) AS live,
    max(CASE WHEN r.name = m.name AND ${p_live} AND ${p_class} = 1 THEN 1 ELSE 0 END) AS home,
    max(CASE WHEN r.name = m.name AND ${p_live} AND ${p_class} = 2 THEN 1 ELSE 0 END) AS business,
    max(CASE WHEN r.name = m.name AND ${p_live} AND (a.number IS NOT NULL OR b.number IS NOT NULL) THEN 1 ELSE 0 END) AS declared,
    max(CASE WHEN r.name <> m.name THEN 1 ELSE 0 END) AS conflict
  FROM m JOIN property r ON r.${r_id} = m.id
    LEFT JOIN unit a ON a.h = m.h AND a.number = r.unit_code LEFT JOIN unit b ON b.h = m.h AND b.number = r.certificate_no
  WHERE m.see_property = 1 GROUP BY m.h, ${p_unit}
--- p
  SELECT h, sum(home) AS homes, max(business) AS business, max(CASE WHEN live = 1 AND declared = 0 THEN 1 ELSE 0 END) AS undeclared,
    max(conflict) AS conflict
  FROM one_unit GROUP BY h
