"""Python numbers that do not fit: they wrapped, then warned (NumPy 1.24), then raised (2.0)."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.24.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/neps/nep-0050-scalar-promotion.html",
# ]
# ///
import numpy as np
from skew import observe


def _set(dtype, value, index=0):
    array = np.zeros(2, dtype)
    array[index] = value
    return array


_CASES = {
    "uint8(300)": lambda: np.uint8(300),
    "uint8(-1)": lambda: np.uint8(-1),
    "int8(-129)": lambda: np.int8(-129),
    "uint8(300.0)": lambda: np.uint8(300.0),
    "uint8('300')": lambda: np.uint8("300"),
    "uint8(int64(300))": lambda: np.uint8(np.int64(300)),
    "uint8([300, 1])": lambda: np.uint8([300, 1]),
    "uint64(-1)": lambda: np.uint64(-1),
    "int64(2**63)": lambda: np.int64(2**63),
    "int32(2**31)": lambda: np.int32(2**31),
    "bool_(300)": lambda: np.bool_(300),
    "float16(1e5)": lambda: np.float16(1e5),
    "float32(1e40)": lambda: np.float32(1e40),
    "float64(10**400)": lambda: np.float64(10**400),
    "float32(2**24 + 1)": lambda: np.float32(2**24 + 1),
    "array of 300 as uint8": lambda: np.array([300], np.uint8),
    "array of -1 as uint32": lambda: np.array(-1, np.uint32),
    "array of 300.0 as uint8": lambda: np.array([300.0], np.uint8),
    "array of int64 300 as uint8": lambda: np.array([np.int64(300)], np.uint8),
    "array of '300' as uint8": lambda: np.array(["300"], np.uint8),
    "array of 2**64 as int64": lambda: np.array([2**64], np.int64),
    "array of 2**63 as int64": lambda: np.array([2**63], np.int64),
    "array of 1e40 as float32": lambda: np.array([1e40], np.float32),
    "array of 10**400 as float64": lambda: np.array([10**400], np.float64),
    "array of 1.5 as int": lambda: np.array([1.5], int),
    "element set to 300": lambda: _set("u1", 300),
    "element set to -1": lambda: _set("u1", -1),
    "elements set to [300, -1]": lambda: _set("u1", [300, -1], slice(None)),
    "elements set to int64 array": lambda: _set("u1", np.array([300, -1]), slice(None)),
    "element set to int64 scalar": lambda: _set("u1", np.int64(300)),
    "element set to 300.7": lambda: _set("u1", 300.7),
    "element set by a mask": lambda: _set("u1", 300, [True, False]),
    "element of float32 set to 1e40": lambda: _set("f4", 1e40),
    "fill with 300": lambda: np.zeros(2, "u1").fill(300),
    "put 300": lambda: np.put(np.zeros(1, "u1"), 0, 300),
    "copyto of 300": lambda: np.copyto(np.zeros(1, "u1"), 300),
    "putmask of 300": lambda: np.putmask(np.zeros(1, "u1"), [True], 300),
    "arange to 300 as uint8": lambda: np.arange(298, 300, dtype=np.uint8),
    "linspace to 300 as uint8": lambda: np.linspace(0, 300, 3, dtype=np.uint8),
    "add of 300 into uint8": lambda: np.add(np.ones(1, "u1"), 300, dtype="u1"),
    "add of 300 and 1 as uint8": lambda: np.add(300, 1, dtype="u1"),
    "equal of uint8 and 300": lambda: np.equal(np.ones(1, "u1"), 300),
    "bitwise_and of uint8 and 0xFFF": lambda: np.bitwise_and(np.ones(1, "u1"), 0xFFF),
    "uint8 scalar & -1": lambda: np.uint8(3) & -1,
    "masked fill value of 300": lambda: np.ma.array([1], mask=[True], dtype="u1", fill_value=300).filled(),
    "timedelta of 2**64": lambda: np.timedelta64(2**64, "s"),
    "fromiter of 300": lambda: np.fromiter([300], "u1"),
    "random integers to 300 as uint8": lambda: np.random.default_rng(0).integers(0, 300, 2, dtype="u1"),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
