"""The dtype that np.array chooses for Python values, and for lists that mix kinds of values."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.20.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.24.0-notes.html",
#     "https://numpy.org/neps/nep-0050-scalar-promotion.html",
# ]
# ///
import array as _array
import datetime as _datetime
import decimal as _decimal
import enum as _enum
import fractions as _fractions

import numpy as np
from skew import observe


class _Colour(_enum.IntEnum):
    RED = 1


_VALUES = {
    "bool": True,
    "int": 7,
    "float": 1.5,
    "None": None,
    "str": "abc",
    "bytes": b"abc",
    "bytes ending in NUL": b"a\0",
    "bytearray": bytearray(b"ab"),
    "range": range(3),
    "Decimal": _decimal.Decimal("1.5"),
    "list of timedelta": [_datetime.timedelta(seconds=1)],
    "2**63 - 1": 2**63 - 1,
    "2**63": 2**63,
    "2**64": 2**64,
    "[2**63, 1]": [2**63, 1],
    "[2**63, -1]": [2**63, -1],
    "empty list": [],
    "int and None": [1, None],
    "str and int": ["a", 1],
    "str and float": ["a", 1.5],
    "str and bool": ["a", True],
    "str and None": ["a", None],
    "str and bytes": ["a", b"bc"],
    "bytes and int": [b"a", 1],
    "float32 and int": [np.float32(1.5), 2],
    "float32 and float": [np.float32(1.5), 2.5],
    "float32 and 1e300": [np.float32(1.5), 1e300],
    "uint8 and -1": [np.uint8(1), -1],
    "uint8 and 300": [np.uint8(1), 300],
    "int64 and uint64": [np.int64(1), np.uint64(1)],
    "0-d array and int": [np.array(1, np.int8), 2],
    "datetime64 and None": [np.datetime64("2024-01-31"), None],
    "datetime64 and timedelta64": [np.datetime64("2024-01-31"), np.timedelta64(1, "D")],
    "datetime64 of two units": [np.datetime64("2024-01-31"), np.datetime64("2024-01-31T01")],
    "datetime64 and str": [np.datetime64("2024-01-31"), "x"],
    "list of str and 0-d str array": ["abc", np.array("abcdef")],
}
for _name, _value in _VALUES.items():
    observe(_name, lambda: np.array(_value))
# A generator has no length: it becomes an object, unless it goes through fromiter.
observe("generator", lambda: np.array(_ for _ in range(3)).dtype)
