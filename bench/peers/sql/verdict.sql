-- Limits, codes in the order of the alphabet, and the outcome.
--- fact
  SELECT asked.h, household_id, refusal, financial, people * standard * 12 AS income_limit, people * standard * ${financial_months} AS financial_limit,
    CASE WHEN see_tax + see_vehicle + see_property + see_bank + see_insurance = 5 AND ${all_fresh} = 1 THEN 1 ELSE 0 END AS covered,
    coalesce(income.total, 0) AS income, coalesce(income.strong, 0) AS income_strong, income.undeclared AS income_undeclared,
    income.unexplained, income.unplaced, income.one_off,
    coalesce(fin.total, 0) AS fin, v.owned, v.undeclared AS vehicle_undeclared, p.homes, p.business, p.undeclared AS property_undeclared,
    ${greatest}(coalesce(income.conflict, 0), coalesce(fin.conflict, 0), coalesce(v.conflict, 0), coalesce(p.conflict, 0)) AS conflict
  FROM asked LEFT JOIN income ON income.h = asked.h LEFT JOIN fin ON fin.h = asked.h LEFT JOIN v ON v.h = asked.h LEFT JOIN p ON p.h = asked.h
--- coded
  SELECT h, household_id, refusal, income, fin, covered,
    CASE WHEN income_strong >= income_limit OR fin * ${bank_fresh} > financial_limit OR owned * ${vehicle_fresh} = 1
      OR homes * ${property_fresh} > 1 OR business * ${property_fresh} = 1 THEN 1 ELSE 0 END AS suspected,
    CASE WHEN fin > financial_limit AND ${bank_fresh} = 0 THEN 'financial_assets_may_exceed_limit ' ELSE '' END
    || CASE WHEN fin * ${bank_fresh} > financial_limit THEN 'financial_assets_over_limit ' ELSE '' END
    || CASE WHEN conflict = 1 THEN 'identity_conflict ' ELSE '' END
    || CASE WHEN income >= income_limit AND income_strong < income_limit THEN 'income_may_exceed_limit ' ELSE '' END
    || CASE WHEN income_strong >= income_limit THEN 'income_over_limit ' ELSE '' END
    || CASE WHEN business = 1 THEN 'non_residential_property:${property_effect} ' ELSE '' END
    || CASE WHEN one_off = 1 THEN 'one_off_receipt ' ELSE '' END
    || CASE WHEN unplaced = 1 THEN 'period_not_established ' ELSE '' END
    || CASE WHEN homes > 1 THEN 'several_homes:${property_effect} ' ELSE '' END
    || CASE WHEN fin - financial > ${undeclared_financial} THEN 'undeclared_financial_assets ' ELSE '' END
    || CASE WHEN income_undeclared = 1 THEN 'undeclared_income ' ELSE '' END
    || CASE WHEN property_undeclared = 1 THEN 'undeclared_property ' ELSE '' END
    || CASE WHEN vehicle_undeclared = 1 THEN 'undeclared_vehicle ' ELSE '' END
    || CASE WHEN unexplained = 1 THEN 'unexplained_employment ' ELSE '' END
    || CASE WHEN owned = 1 THEN 'vehicle_owned:${vehicle_effect} ' ELSE '' END AS codes
  FROM fact
--- select
SELECT household_id,
  CASE WHEN refusal IS NOT NULL THEN 'refused' WHEN suspected = 1 THEN 'suspected_ineligible' WHEN codes <> '' THEN 'needs_review'
    WHEN covered = 1 THEN 'no_discrepancy' ELSE 'unverifiable' END AS outcome,
  coalesce(refusal, codes) AS codes,
  CASE WHEN refusal IS NULL THEN income END AS income_fen,
  CASE WHEN refusal IS NULL THEN fin END AS financial_fen
FROM coded
