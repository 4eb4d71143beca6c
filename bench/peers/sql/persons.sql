-- The same facts as records.sql from the tables of aggregate.sql.
--- income
  SELECT m.h,
    sum(greatest(m.wage, coalesce(r.wage, 0) * see_tax) + greatest(m.business, coalesce(r.business, 0) * see_tax)
      + greatest(m.property, coalesce(r.property, 0) * see_tax) + greatest(m.transfer, coalesce(r.transfer, 0) * see_insurance)) AS total,
    sum(greatest(m.wage, coalesce(r.wage, 0) * see_tax * ${tax_fresh}) + greatest(m.business, coalesce(r.business, 0) * see_tax * ${tax_fresh})
      + greatest(m.property, coalesce(r.property, 0) * see_tax * ${tax_fresh}) + greatest(m.transfer, coalesce(r.transfer, 0) * see_insurance * ${insurance_fresh})) AS strong,
    max(CASE WHEN r.wage * see_tax - m.wage > ${undeclared_income} OR r.business * see_tax - m.business > ${undeclared_income}
      OR r.property * see_tax - m.property > ${undeclared_income} OR r.transfer * see_insurance - m.transfer > ${undeclared_income} THEN 1 ELSE 0 END) AS undeclared,
    max(r.unexplained * see_tax * see_insurance) AS unexplained, max(r.unplaced * see_tax) AS unplaced, max(r.one_off * see_tax) AS one_off,
    sum(r.fin * see_bank) AS fin, 0 AS conflict
  FROM m LEFT JOIN person r ON r.id = m.id AND r.name = m.name
  GROUP BY m.h
--- other
  SELECT m.h, 1 AS conflict FROM m JOIN person r ON r.id = m.id AND r.name <> m.name
  WHERE greatest(in_tax * see_tax, in_vehicle * see_vehicle, in_property * see_property, in_bank * see_bank, in_insurance * see_insurance) = 1
  GROUP BY m.h
--- account
  SELECT m.h, account, sum(part) AS part, max(balance) AS largest, sum(share) AS shares
  FROM m JOIN holding r ON r.id = m.id AND r.name = m.name WHERE see_bank = 1 GROUP BY m.h, account
--- held
  SELECT h, sum(CASE WHEN shares > ${whole} THEN least(part, largest) ELSE part END) AS total FROM account GROUP BY h
--- fin
  SELECT asked.h, coalesce(income.fin, 0) + coalesce(held.total, 0) AS total, other.conflict
  FROM asked LEFT JOIN income ON income.h = asked.h LEFT JOIN held ON held.h = asked.h LEFT JOIN other ON other.h = asked.h
--- v
  SELECT m.h, max(1 - r.exempt) AS owned, max(CASE WHEN plate.plate IS NULL THEN 1 ELSE 0 END) AS undeclared, 0 AS conflict
  FROM m JOIN vehicle r ON r.id = m.id AND r.name = m.name LEFT JOIN plate ON plate.h = m.h AND plate.plate = r.plate
  WHERE m.see_vehicle = 1 GROUP BY m.h
--- one_unit
  SELECT m.h, r.unit, max(CASE WHEN class = 1 THEN 1 ELSE 0 END) AS home, max(CASE WHEN class = 2 THEN 1 ELSE 0 END) AS business,
    max(CASE WHEN a.number IS NOT NULL OR b.number IS NOT NULL THEN 1 ELSE 0 END) AS declared
  FROM m JOIN property r ON r.id = m.id AND r.name = m.name
    LEFT JOIN unit a ON a.h = m.h AND a.number = r.unit_code LEFT JOIN unit b ON b.h = m.h AND b.number = r.certificate_no
  WHERE m.see_property = 1 GROUP BY m.h, r.unit
--- p
  SELECT h, sum(home) AS homes, max(business) AS business, max(1 - declared) AS undeclared, 0 AS conflict FROM one_unit GROUP BY h
