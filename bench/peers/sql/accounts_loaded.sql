-- The newest balance of every account of a member, purpose or not, as it stands in
-- the file; then a household's accounts, never above 100 %.
--- newest
  SELECT h, account, conflict,
    CASE WHEN known = 1 AND place = 1 AND counts = 1 THEN part ELSE 0 END AS part,
    CASE WHEN known = 1 AND place = 1 AND counts = 1 THEN balance ELSE 0 END AS balance,
    CASE WHEN known = 1 AND place = 1 AND counts = 1 THEN share ELSE 0 END AS share
  FROM (
    SELECT m.h, ${b_account} AS account, ${b_counts} AS counts, ${b_part} AS part, ${b_balance} AS balance, ${b_share} AS share,
      CASE WHEN r.name <> m.name THEN 1 ELSE 0 END AS conflict,
      CASE WHEN r.name = m.name AND r.balance_on <= ${day} THEN 1 ELSE 0 END AS known,
      row_number() OVER (PARTITION BY m.h, m.m, ${b_account}, CASE WHEN r.name = m.name AND r.balance_on <= ${day} THEN 1 ELSE 0 END
        ORDER BY r.balance_on DESC) AS place
    FROM m JOIN bank r ON r.${r_id} = m.id WHERE m.see_bank = 1
  ) AS x
--- account
  SELECT h, account, sum(part) AS part, max(balance) AS largest, sum(share) AS shares, max(conflict) AS conflict
  FROM newest GROUP BY h, account
--- fin
  SELECT h, sum(CASE WHEN shares > ${whole} THEN ${least}(part, largest) ELSE part END) AS total, max(conflict) AS conflict
  FROM account GROUP BY h
