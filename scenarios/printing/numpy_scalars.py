"""How NumPy's scalars print, alone, in a list and in an f-string: doctests and logs depend on it."""
# /// skew
# links = ["https://numpy.org/neps/nep-0051-scalar-representation.html"]
# ///
import numpy as np
from skew import observe

_SCALARS = {
    "bool True": np.bool_(True),
    "int8": np.int8(-5),
    "uint8": np.uint8(200),
    "int32": np.int32(7),
    "int64": np.int64(7),
    "uint64 largest": np.uint64(2**64 - 1),
    "float16": np.float16(0.1),
    "float32": np.float32(0.1),
    "float32 third": np.float32(1) / np.float32(3),
    "float64": np.float64(1.5),
    "float64 large": np.float64(1e16),
    "float64 small": np.float64(1e-5),
    "float64 whole": np.float64(100000),
    "float64 NaN": np.float64("nan"),
    "float64 -inf": np.float64("-inf"),
    "float64 -0": np.float64(-0.0),
    "complex64": np.complex64(1 + 0.1j),
    "complex128": np.complex128(complex(1, -2)),
    "complex128 NaN": np.complex128(complex(float("nan"), float("-inf"))),
    "str_": np.str_("text"),
    "bytes_": np.bytes_(b"text"),
    "datetime64": np.datetime64("2020-02-29T12:30"),
    "datetime64 NaT": np.datetime64("NaT", "s"),
    "timedelta64": np.timedelta64(5, "D"),
    "timedelta64 of days and hours": np.timedelta64(5, "D") + np.timedelta64(1, "h"),
    "void": np.void(b"\x01\x02"),
    "record": np.array([(1, 2.5)], "i4,f4")[0],
    "masked": np.ma.masked,
}
for _name, _scalar in _SCALARS.items():
    observe("%s/repr" % _name, lambda: repr(_scalar))
for _name in ["bool True", "float32", "complex64", "datetime64", "timedelta64", "void", "record", "str_"]:
    observe("%s/str" % _name, lambda: str(_SCALARS[_name]))
observe("list", lambda: str([np.int64(1), np.float64(2), np.str_("a"), np.bool_(True)]))
observe("tuple of a shape", lambda: str(tuple(np.array([2, 3]))))
observe("dictionary", lambda: str({np.int64(1): np.float32(2)}))
observe("f-string", lambda: f"{np.float32(0.1)} {np.int64(3)} {np.bool_(True)} {np.str_('a')}")
observe("f-string with !r", lambda: f"{np.float32(0.1)!r} {np.int64(3)!r}")
observe("percent", lambda: "%s %r %d %.3f" % (np.float32(0.1), np.int64(3), np.float64(3.7), np.float32(1) / 3))
observe("eval of repr", lambda: type(eval(repr(np.float32(1.5)), {"np": np})).__name__)
for _spec in ["", "d", "x", ",", ".2f", ">8"]:
    observe("int64 as {:%s}" % _spec, lambda: format(np.int64(1234), _spec))
    observe("float32 as {:%s}" % _spec, lambda: format(np.float32(0.1), _spec))
for _name, _scalar in {"bool": np.bool_(True), "complex": np.complex64(1 + 2j), "datetime": np.datetime64("2020-01-01"),
                       "str": np.str_("ab"), "0-d array": np.array(1.5), "array": np.array([1.5])}.items():
    observe("%s as {:>12}" % _name, lambda: format(_scalar, ">12"))
    observe("%s as {:.1f}" % _name, lambda: format(_scalar, ".1f"))
