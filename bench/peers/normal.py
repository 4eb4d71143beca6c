"""Lossless normalisation as the reference means test has it: documents, names,
plates, unit and account numbers. The databases call these functions only for
values their own fast check finds odd."""

import datetime
import functools
import hashlib
import operator
import re
import unicodedata

KINDS = {"resident_id", "passport", "military", "hmt_permit", "foreign_permit", "uscc"}
DOTS = dict.fromkeys((0x00B7, 0x2022, 0x2027, 0x2219, 0x22C5, 0x30FB, 0xFF0E, 0xFF65), "\u00b7")
NO_DOTS = dict.fromkeys(DOTS)
NO_WIDTH = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
FOLD = {c: c - 0xFF01 + 0x21 for c in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
PLAIN_NUMBER = re.compile("[0-9A-Z]+").fullmatch
PLAIN_NAME = re.compile("[\u4e00-\u9fa5]+").fullmatch
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(text):
    """Width folded, white space dropped, upper case."""
    if PLAIN_NUMBER(text):
        return text
    return "".join(text.translate(FOLD).split()).upper()


def asset(text):
    """A plate, unit, certificate or account number: a number without middle dots."""
    return number(text.translate(NO_DOTS)) if text else None


def name(text):
    if not text:
        return None
    if PLAIN_NAME(text):
        return text
    text = unicodedata.normalize("NFKC", text.translate(DOTS)).translate(NO_WIDTH)
    return "".join(text.split()).translate(DOTS) or None


def day(text):
    """A date 2006-01-02 as the number 20060102, None when it is not one."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return None
    return compact_day(text[:4] + text[5:7] + text[8:])


def compact_day(text):
    if not (text.isascii() and text.isdigit() and len(text) == 8):
        return None
    try:
        datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return int(text)


def check_character(digits):
    return "10X98765432"[sum(map(operator.mul, WEIGHTS, map(int, digits))) % 11]


@functools.lru_cache(maxsize=1024)  # a household names each document several times
def document(kind, text):
    """The document as text, and whether it passes the check of its kind. A resident
    number stands for itself, 15 digits as their 18; others carry their kind."""
    kind = kind or "resident_id"
    n = number(text or "")
    if not n:
        return None, False
    if kind != "resident_id":
        return f"{kind}:{n}", kind in KINDS and any(c.isalnum() for c in n)
    if not n.isascii():
        return n, False
    if len(n) == 15 and n.isdigit():
        long = n[:6] + "19" + n[6:]
        if compact_day(long[6:14]) is None:
            return n, False
        return long + check_character(long), True
    if len(n) == 18 and n[:17].isdigit():
        return n, compact_day(n[6:14]) is not None and n[17] == check_character(n[:17])
    return n, False


def key(doc):
    """The document as a 64 bit number. Of a resident number it is the digits: with a
    check character X they are one fewer, so a wrong check character never meets a
    right one. Other documents are negative, from a hash."""
    if doc is None:
        return None
    if len(doc) == 18 and doc[:17].isdigit() and doc.isascii() and doc[17] in "0123456789X":
        return int(doc.rstrip("X"))
    return -1 - (int.from_bytes(hashlib.sha256(doc.encode()).digest()[:8], "big") >> 2)


def doc_text(kind, text):
    return document(kind, text)[0]


def doc_key(kind, text):
    return key(document(kind, text)[0])


def adult_from(doc, birth):
    """The day of the 18th birthday as a number, None when the age is unknown. Of
    29 February it is 1 March in a year without one."""
    if doc is not None and document("resident_id", doc)[1]:
        born = int(doc[6:14])
    else:
        born = day(birth or "")
    if born is None:
        return None
    turned = born + 180000
    if turned % 10000 == 229 and compact_day(str(turned)) is None:
        turned += 301 - 229
    return turned
