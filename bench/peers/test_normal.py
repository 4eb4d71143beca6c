"""The peers' normalisation and flat tables, by hand-worked values."""

import unittest

import flatten
import normal
import rules


class Normal(unittest.TestCase):
    def test_documents(self):
        for kind, text, doc, valid in (
            ("resident_id", "11010519491231002X", "11010519491231002X", True),
            (None, " １１０１０５１９４９１２３１００２x ", "11010519491231002X", True),
            ("", "110105491231002", "11010519491231002X", True),
            ("resident_id", "110105194912310021", "110105194912310021", False),
            ("resident_id", "110105194902310021", "110105194902310021", False),
            ("passport", "e123 456", "passport:E123456", True),
            ("passport", "---", "passport:---", False),
            ("driving", "1", "driving:1", False),
            ("resident_id", " ", None, False),
        ):
            self.assertEqual(normal.document(kind, text), (doc, valid), (kind, text))

    def test_keys_keep_the_check_character(self):
        right, wrong = normal.key("11010519491231002X"), normal.key("110105194912310021")
        self.assertNotEqual(right, wrong)
        self.assertEqual((right, wrong), (11010519491231002, 110105194912310021))
        self.assertLess(normal.key("passport:E1"), 0)
        self.assertIsNone(normal.key(None))

    def test_names(self):
        self.assertEqual(normal.name("王\u3000\u200b秀英"), "王秀英")
        self.assertEqual(normal.name("艾合买提\u2219依明"), "艾合买提·依明")
        self.assertEqual(normal.name("艾合买提\uff0e依明"), "艾合买提·依明")
        self.assertEqual(normal.name("Ａｎｎａ Maria"), "AnnaMaria")
        self.assertIsNone(normal.name(" \u200b"))

    def test_assets(self):
        self.assertEqual(normal.asset("皖Ａ·12 3ab"), "皖A123AB")
        self.assertIsNone(normal.asset(""))

    def test_eighteen(self):
        self.assertEqual(normal.adult_from("11010519491231002X", ""), 19671231)
        self.assertEqual(normal.adult_from(None, "2008-02-29"), 20260301)
        self.assertEqual(normal.adult_from(None, "2008-11-01"), 20261101)
        self.assertIsNone(normal.adult_from(None, "2008-13-01"))

    def test_days(self):
        self.assertEqual(normal.day("2026-02-28"), 20260228)
        for text in ("2026-02-29", "2026-2-28", "20260228", "2026/02/28", "２０２６-02-28", ""):
            self.assertIsNone(normal.day(text), text)


class Lines(unittest.TestCase):
    def test_what_is_no_request(self):
        for line in (b"", b"{", b"[]", b'{"household_id":" "}', b'{"household_id":1}', b'{"household_id":"a","members":[1]}'):
            with self.assertRaises(flatten.NoRequest):
                flatten.flatten(line, 1, None)


class Queries(unittest.TestCase):
    def test_window(self):
        values = rules.parameters("2026-11-01", "2026-10-31", rules.LIMITS)
        self.assertEqual((values["first"], values["last"], values["years"]), ((2025, 11), (2026, 10), [2025, 2026]))
        self.assertEqual(rules.periods("p", values | rules.DUCKDB, False)["exact"], "(1 = 0)")
        year = rules.parameters("2027-01-15", "2026-10-31", rules.LIMITS) | rules.DUCKDB
        self.assertEqual(rules.periods("p", year, False)["exact"], "p IN (2026)")

    def test_stale(self):
        self.assertEqual(rules.parameters("2026-11-01", "2026-05-05", rules.LIMITS)["all_fresh"], 1)
        self.assertEqual(rules.parameters("2026-11-01", "2026-05-04", rules.LIMITS)["all_fresh"], 0)
        one = rules.parameters("2026-11-01", "2026-10-31,bank=2026-05-04", rules.LIMITS)
        self.assertEqual((one["bank_fresh"], one["tax_fresh"], one["all_fresh"]), (0, 1, 0))

    def test_every_placeholder_has_a_value(self):
        for dialect in (rules.DUCKDB, rules.POSTGRES, rules.SQLITE):
            values = dialect | rules.parameters("2026-11-01", "2026-10-31", rules.LIMITS)
            first, query = rules.judge(values, rules.narrow_layout(values), tables=("asked", "m"))
            self.assertEqual([name for name, _ in first], ["asked", "m"])
            self.assertNotIn("${", query)


if __name__ == "__main__":
    unittest.main()
