"""Which operations warn of division by zero, overflow, underflow and invalid values; what np.errstate does."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/generated/numpy.errstate.html",
#     "https://numpy.org/doc/stable/release/1.24.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_BIG, _ZERO, _NAN = np.array([3e38], np.float32), np.array([0.0]), np.array([np.nan])
_HALF, _INT = np.array([60000], np.float16), np.array([1, 0])
_CASES = {
    "1 / 0": lambda: np.array([1.0]) / _ZERO,
    "int 1 // 0": lambda: _INT // 0,
    "int divmod 0": lambda: np.divmod(_INT, 0),
    "int scalar overflow": lambda: np.int32(2**31 - 1) + np.int32(1),
    "abs of least int scalar": lambda: abs(np.int8(-128)),
    "float16 of a large number": lambda: np.float16(1e6),
    "astype float32 overflow": lambda: np.array([1e40]).astype(np.float32),
    "astype int of NaN warns": lambda: _NAN.astype(np.int64).shape,
    "astype int of a large float warns": lambda: np.array([1e30]).astype(np.int32).shape,
    "exp float32 overflow": lambda: np.exp(np.float32([100])),
    "exp underflow": lambda: np.exp([-1000.0]),
    "log of a negative": lambda: np.log([-1.0]),
    "sqrt of NaN": lambda: np.sqrt(_NAN),
    "arcsin of 2": lambda: np.arcsin([2.0]),
    "arccosh of 0": lambda: np.arccosh(_ZERO),
    "power of 0 and -1": lambda: _ZERO ** -1,
    "1 // 0": lambda: np.array([1.0]) // 0,
    "fmod by 0": lambda: np.fmod([1.0], 0),
    "NaN < 1": lambda: _NAN < 1,
    "sign of NaN": lambda: np.sign(_NAN),
    "isclose of infinities": lambda: np.isclose([np.inf], [np.inf]),
    "allclose of large numbers": lambda: np.allclose(_BIG, -_BIG),
    "mean float16 overflow": lambda: np.mean(np.repeat(_HALF, 2)),
    "norm overflow": lambda: np.linalg.norm(_BIG),
    "complex / 0": lambda: np.array([1j]) / 0,
    "complex square overflow": lambda: np.square(np.array([1e200 + 1e200j])),
    "ldexp overflow": lambda: np.ldexp([1.0], 5000),
    "average of zeros": lambda: np.average([1.0, 2.0], weights=[0.0, 1e-320]),
    "matmul of NaN": lambda: np.array([[np.nan]]) @ np.array([[1.0]]),
}
for _name, _case in _CASES.items():
    observe(_name, _case)


def _raised(case):
    with np.errstate(all="raise"):
        return case()


for _name in ["1 / 0", "int 1 // 0", "int scalar overflow", "float16 of a large number", "astype float32 overflow",
    "astype int of NaN warns",
              "exp underflow", "sqrt of NaN", "sign of NaN", "NaN < 1", "mean float16 overflow", "complex / 0",
              "isclose of infinities"]:
    observe(_name + " with errstate raise", lambda: _raised(_CASES[_name]))


def _called():
    seen = []
    with np.errstate(all="call"):
        old = np.seterrcall(lambda kind, flag: seen.append((kind, flag)))
        try:
            np.array([1.0, 0.0]) / _ZERO
        finally:
            np.seterrcall(old)
    return seen


observe("errstate call", _called)
observe("errstate as a decorator", lambda: np.errstate(all="ignore")(lambda: np.log(_ZERO))())
observe(
    "errstate entered twice", lambda: [state.__enter__() is state.__enter__() for state in [np.errstate(all="ignore")]])
observe("geterr", lambda: np.geterr())
observe("seterrobj", lambda: callable(np.seterrobj))
