-- The same where every balance knows when it is superseded and whether its account
-- has one holder: only shared accounts have to be put together.
--- account
SELECT m.h, r.account, sum(r.part) AS part, max(r.balance) AS largest, sum(r.share) AS shares
FROM m JOIN bank r ON r.id = m.id AND r.name = m.name
WHERE m.see_bank = 1 AND r.sole = 0 AND r.counts = 1 AND r.balance_on <= ${day} AND r.until > ${day} GROUP BY m.h, r.account
--- fin
SELECT h, sum(part) AS total, max(conflict) AS conflict FROM (
  SELECT m.h, CASE WHEN r.name = m.name AND r.sole = 1 AND r.counts = 1 AND r.balance_on <= ${day} AND r.until > ${day} THEN r.part ELSE 0 END AS part,
    CASE WHEN r.name <> m.name THEN 1 ELSE 0 END AS conflict
  FROM m JOIN bank r ON r.id = m.id WHERE m.see_bank = 1
  UNION ALL
  SELECT h, CASE WHEN shares > ${whole} THEN ${least}(part, largest) ELSE part END, 0 FROM account) AS x
GROUP BY h
