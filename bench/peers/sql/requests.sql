-- The requests: why one is refused, and the counted members of the others.
--- u
  SELECT member.h, sum(counted) AS people, max(invalid) AS invalid,
    count(member.doc) - count(DISTINCT member.doc) AS twice,
    max(CASE WHEN counted = 1 AND (adult_from IS NULL OR adult_from <= ${on}) AND s.doc IS NULL THEN 1 ELSE 0 END) AS unsigned
  FROM member LEFT JOIN signature s ON s.h = member.h AND s.doc = member.doc
  ${where_member}
  GROUP BY member.h
--- asked
  SELECT household.*, u.people, CASE residence WHEN 'urban' THEN ${urban} ELSE ${rural} END AS standard,
    CASE
      WHEN malformed = 1 THEN 'invalid_request'
      WHEN authorized = 0 THEN 'authorization_missing'
      WHEN valid_from > ${on} OR valid_to < ${on} THEN 'authorization_expired'
      WHEN coalesce(purpose, '') <> '' AND purpose <> coalesce(scheme, '') THEN 'authorization_purpose'
      WHEN signatures = 0 OR u.unsigned = 1 THEN 'authorization_incomplete'
      WHEN household.invalid = 1 OR coalesce(u.people, 0) = 0 OR u.invalid = 1 OR u.twice > 0 THEN 'invalid_request'
    END AS refusal
  FROM household LEFT JOIN u ON u.h = household.h
  ${where_household}
--- m
  SELECT member.h, member.m, member.${id} AS id, member.name,
    wage * 12 AS wage, business * 12 AS business, property * 12 AS property, transfer * 12 AS transfer,
    see_tax, see_vehicle, see_property, see_bank, see_insurance
  FROM member JOIN asked ON asked.h = member.h
  WHERE asked.refusal IS NULL AND counted = 1
