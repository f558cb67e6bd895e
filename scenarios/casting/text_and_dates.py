"""Numbers to text and back, and dates to numbers, text and each other."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/arrays.datetime.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.20.0-notes.html",
# ]
# ///
import datetime as _datetime

import numpy as np
from skew import observe

_NUMBERS = ["bool", "int64", "float16", "float64", "complex64", "longdouble"]
for _name in _NUMBERS:
    observe(_name + " to text", lambda: np.array([0, 1.5]).astype(_name).astype(str))
_DAYS = np.array(["2024-02-29", "NaT", "1969-12-31"], "M8[D]")
_SPANS = np.array([90061, -1, "NaT"], "m8[s]")
_CASES = {
    "0.1 to text": lambda: np.array([0.1, 1e16, 1e-5]).astype(str),
    "float32 0.1 to text": lambda: np.array([0.1], "f4").astype(str),
    "number to narrow text": lambda: np.array([12345]).astype("U2"),
    "object to text": lambda: np.array([1.5, None, "abc"], object).astype(str),
    "object to bytes": lambda: np.array([b"a", "é"], object).astype("S"),
    "text to bytes": lambda: np.array(["a", "é"]).astype("S"),
    "bytes to text": lambda: np.array([b"a", b"\xff"]).astype("U"),
    "text to int": lambda: np.array(["7", " 8 ", "-9"]).astype(int),
    "text with underscore to int": lambda: np.array(["1_000"]).astype(int),
    "hexadecimal text to int": lambda: np.array(["0x10"]).astype(int),
    "text of float to int": lambda: np.array(["1.5"]).astype(int),
    "text of 300 to uint8": lambda: np.array(["300"]).astype("u1"),
    "text to float": lambda: np.array(["1e3", "nan", " 2.5", "inf"]).astype(float),
    "empty text to float": lambda: np.array([""]).astype(float),
    "text to complex": lambda: np.array(["1+2j"]).astype(complex),
    "text to bool": lambda: np.array(["True", "False", "0", ""]).astype(bool),
    "text of numbers to bool": lambda: np.array(["1", "0"]).astype(bool),
    "bytes to bool": lambda: np.array([b"0", b""]).astype(bool),
    "bool_ of text": lambda: np.bool_("False"),
    "str_ of float": lambda: np.str_(np.float32(0.1)),
    "bytes_ of int": lambda: np.bytes_(3),
    "StringDType to int": lambda: np.array(["7"], np.dtypes.StringDType()).astype(int),
    "StringDType from float": lambda: np.array([0.1]).astype(np.dtypes.StringDType()),
    "days to int": lambda: _DAYS.astype("i8"),
    "days to float": lambda: _DAYS.astype(float),
    "days to bool": lambda: _DAYS.astype(bool),
    "days to text": lambda: _DAYS.astype(str),
    "days to object": lambda: _DAYS.astype(object),
    "days to spans": lambda: _DAYS.astype("m8[D]"),
    "far days to nanoseconds": lambda: np.array(["3000-01-01"], "M8[D]").astype("M8[ns]"),
    "generic unit": lambda: np.array([1], "M8"),
    "float to days": lambda: np.array([1.5, np.nan]).astype("M8[D]"),
    "spans to float": lambda: _SPANS.astype(float),
    "spans to object": lambda: _SPANS.astype(object),
    "years to days": lambda: np.array([1], "m8[Y]").astype("m8[D]"),
    "int() of span": lambda: int(np.timedelta64(7, "s")),
    "float() of span": lambda: float(np.timedelta64(7, "s")),
    "int() of NaT": lambda: int(np.timedelta64("NaT")),
    "text with zone to seconds": lambda: np.array(["2024-01-31T00:00+01:00"]).astype("M8[s]"),
    "datetime with zone": lambda: np.datetime64(_datetime.datetime(2024, 1, 31, tzinfo=_datetime.timezone.utc)),
    "datetime64 of int without unit": lambda: np.datetime64(1),
    "timedelta64 of float": lambda: np.timedelta64(1.5, "s"),
    "timedelta64 of None": lambda: np.timedelta64(None),
    "date compared with days": lambda: np.array(["2024-01-31"], "M8[D]") == _datetime.date(2024, 1, 31),
    "sum of days": lambda: np.sum(np.array(["2024-02-29"], "M8[D]")),
    "mean of spans": lambda: np.mean(_SPANS[:2]),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
