"""Dates and time spans: parsing, units, NaT, arithmetic, business days."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/arrays.datetime.html",
#     "https://numpy.org/doc/stable/release/1.20.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.5.0-notes.html",
# ]
# ///
import datetime as _datetime

import numpy as np
from skew import observe

_D = np.array(["2024-02-29", "NaT", "1969-12-31"], "M8[D]")
_T = np.array([90, -90, "NaT"], "m8[m]")
_CASES = {
    "parse a week": lambda: np.datetime64("2024-02-29", "W"),
    "of date": lambda: np.datetime64(_datetime.date(2024, 2, 29)),
    "list of NaT and date": lambda: np.array([np.datetime64("NaT"), np.datetime64("2024")]),
    "NaT == NaT": lambda: np.datetime64("NaT") == np.datetime64("NaT"),
    "isnat of float": lambda: np.isnat(1.0),
    "isnan": lambda: np.isnan(_D),
    "nanmax": lambda: np.nanmax(_D),
    "unique": lambda: np.unique(np.concatenate([_D, _D])),
    "sum of dates": lambda: np.sum(_D),
    "mean of dates": lambda: np.mean(_D),
    "std of spans": lambda: np.std(_T[:2]),
    "date + date": lambda: _D + _D,
    "date + int": lambda: _D + 1,
    "date + float": lambda: _D + 1.5,
    "date + month": lambda: _D[0] + np.timedelta64(1, "M"),
    "month + day": lambda: np.timedelta64(1, "M") + np.timedelta64(1, "D"),
    "date + datetime.timedelta": lambda: _D[0] + _datetime.timedelta(1),
    "datetime.date - date": lambda: _datetime.date(2024, 3, 1) - _D[0],
    "span % zero": lambda: _T % np.timedelta64(0, "h"),
    "span / zero": lambda: _T / 0,
    "span * span": lambda: _T * _T,
    "span == int": lambda: _T == 90,
    "span < int": lambda: np.timedelta64(90, "m") < 91,
    "cast to int": lambda: _D.astype(int),
    "cast of a bool": lambda: np.array([True]).astype("m8[s]"),
    "as int scalar": lambda: int(np.timedelta64(5, "s")),
    "as float scalar": lambda: float(np.timedelta64(5, "s")),
    "arange by a span": lambda: np.arange(np.datetime64("2024-01-01"), np.datetime64("2024-01-03"),
        np.timedelta64(12, "h")),
    "linspace": lambda: np.linspace(_D[2], _D[0], 3),
    "histogram": lambda: np.histogram(_D[[0, 2]], bins=2),
    "busday_count reversed": lambda: np.busday_count("2024-03-03", "2024-03-01"),
    "is_busday of NaT": lambda: np.is_busday(_D),
    "promote with int": lambda: np.promote_types("m8[s]", "i8"),
    "promote date with int": lambda: np.promote_types("M8[s]", "i8"),
    "can_cast": lambda: [np.can_cast("M8[D]", "M8[s]"), np.can_cast("M8[s]", "M8[D]"), np.can_cast("i8", "m8[s]")],
    "str of a span": lambda: [str(_T[0]), repr(_T[1])],
    "hash across units": lambda: hash(np.timedelta64(60, "s")) == hash(np.timedelta64(1, "m")),
    "equal across units": lambda: np.datetime64("2024") == np.datetime64("2024-01-01"),
    "ones of spans": lambda: np.ones(1, "m8[s]"),
    "bool": lambda: np.timedelta64(0, "s").astype(bool),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
