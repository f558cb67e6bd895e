"""Division, power, bitwise and comparison operators for each kind of dtype, with their results at the edges."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.20.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.25.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
# ]
# ///
import operator as _operator

import numpy as np
from skew import observe

_NAMES = ["bool", "int8", "int64", "uint8", "uint64", "float16", "float32", "float64", "complex64"]
_OPERATORS = ["sub", "truediv", "floordiv", "mod", "pow", "and_", "lshift", "invert", "neg", "lt", "matmul"]


def _row(function, unary):
    """What `function` gives for each dtype, or the class of its error."""
    row = {}
    for name in _NAMES:
        left, right = np.array([7, 5, 0, 1]).astype(name), np.array([2, 0, 0, 3]).astype(name)
        try:
            row[name] = function(left) if unary else function(left, right)
        except Exception as error:
            row[name] = type(error).__name__
    return row


for _name in _OPERATORS:
    observe(_name + " of all", lambda: _row(getattr(_operator, _name), _name in ("invert", "neg")))
_LARGE = np.array([2**53 + 1, 2**63 - 1])
_CASES = {
    "int64 // -1 of the least": lambda: np.array([-(2**63)]) // np.array([-1]),
    "float % inf": lambda: np.array([-1.0, 1.0]) % np.inf,
    "float // 0": lambda: np.array([-1.0, 0.0, 1.0]) // 0.0,
    "divmod of infinity": lambda: np.divmod(np.array([np.inf]), 2.0),
    "int ** negative int": lambda: np.array([2, 4]) ** -1,
    "int ** negative array": lambda: np.array([2, 4]) ** np.array([-1, 1]),
    "bool - bool": lambda: np.array([True]) - True,
    "uint64 + int64": lambda: np.array([2**63], np.uint64) + np.array([1]),
    "uint64 == int64, equal as floats": lambda: _LARGE.astype(np.uint64) == _LARGE - 1,
    "uint64 > int64, negative": lambda: np.array([2**63], np.uint64) > np.array([-1]),
    "int64 == float64, equal as floats": lambda: _LARGE == (2.0**53, 2.0**63),
    "uint8 == 300": lambda: np.array([44], np.uint8) == 300,
    "uint8 < 300": lambda: np.array([44], np.uint8) < 300,
    "uint8 > -1": lambda: np.array([44], np.uint8) > -1,
    "uint8 scalar > -1": lambda: np.uint8(44) > -1,
    "int64 == 2**64": lambda: np.array([1]) == 2**64,
    "int64 < 2**64": lambda: np.array([1]) < 2**64,
    "uint64 scalar < -1": lambda: np.uint64(2**63) < -1,
    "int array == text": lambda: np.array([1, 2]) == "a",
    "int array != text": lambda: np.array([1, 2]) != "a",
    "int array < text": lambda: np.array([1, 2]) < "a",
    "int array == None": lambda: np.array([1, 2]) == None,  # noqa: E711
    "int array == text array": lambda: np.array([1, 2]) == np.array(["1", "2"]),
    "shapes that do not match, ==": lambda: np.array([1, 2]) == np.array([1, 2, 3]),
    "shapes that do not match, !=": lambda: np.array([1, 2]) != np.array([1, 2, 3]),
    "int array == empty list": lambda: np.array([1, 2]) == [],
    "structured ==": lambda: np.ones(1, "i4,f4") == np.ones(1, "i4,f8"),
    "structured of other names ==": lambda: np.ones(1, [("a", "i4")]) == np.ones(1, [("b", "i4")]),
    "bytes == text": lambda: np.array([b"a"]) == np.array(["a"]),
    "object == with lists": lambda: np.array([[1], [2, 3], None], object) == None,  # noqa: E711
    "~ of float": lambda: ~np.array([1.0]),
    "shift by width": lambda: np.array([1, -1], np.int8) << np.array([8, 8], np.int8),
    "uint64 >> int64": lambda: np.array([4], np.uint64) >> np.array([1]),
    "uint64 >> 1": lambda: np.array([4], np.uint64) >> 1,
    "timedelta / timedelta": lambda: np.array([7], "m8[s]") / np.array([2], "m8[s]"),
    "timedelta % 0": lambda: np.array([7], "m8[s]") % np.timedelta64(0, "s"),
    "text * int": lambda: np.array(["ab"]) * 2,
    "text + text": lambda: np.array(["ab"]) + np.array(["c"]),
    "datetime + datetime": lambda: np.array(["2024-01-31"], "M8[D]") + np.array(["2024-01-31"], "M8[D]"),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
