"""NumPy's elementwise functions per dtype, bit for bit: their vector loops change between releases and processors."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.25.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/reference/simd/index.html",
# ]
# ///
import numpy as np
from skew import observe

_X = np.linspace(-4, 4, 65)
_POSITIVE = np.linspace(0.015625, 40, 65)
_UNIT = np.linspace(-1, 1, 65)
_DOMAINS = {
    "exp": _X, "exp2": _X, "expm1": _X, "log": _POSITIVE, "log2": _POSITIVE, "log10": _POSITIVE, "log1p": _POSITIVE,
    "sqrt": _POSITIVE,
    "cbrt": _X, "reciprocal": _POSITIVE, "sin": _X * 50, "cos": _X * 50, "tan": _X, "arcsin": _UNIT, "arccos": _UNIT,
    "arctan": _X,
    "sinh": _X, "cosh": _X, "tanh": _X, "arcsinh": _X, "arccosh": _POSITIVE + 1, "arctanh": _UNIT * 0.98,
    "deg2rad": _X, "sinc": _X, "i0": _X,
}
for _name, _domain in _DOMAINS.items():
    for _dtype in ["float32", "float64"]:
        observe("%s %s" % (_name, _dtype), lambda: getattr(np, _name)(_domain.astype(_dtype)))
for _name in ["exp", "log", "sqrt", "sin", "tanh", "absolute", "square", "arctan"]:
    observe(_name + " complex64", lambda: getattr(np, _name)((_X + 1j).astype(np.complex64)))
for _name in ["power", "arctan2", "hypot", "fmod", "remainder", "logaddexp", "floor_divide", "divide", "multiply",
    "copysign", "nextafter"]:
    for _dtype in ["float16", "float32"]:
        observe("%s %s" % (_name, _dtype),
            lambda: getattr(np, _name)(_POSITIVE.astype(_dtype), (_X + 0.3).astype(_dtype)))
# Powers with a Python exponent have fast ways of their own.
for _exponent in [2, 3, -1, 0.5, 0]:
    observe("float32 ** %s" % _exponent, lambda: _POSITIVE.astype(np.float32) ** _exponent)
observe("complex64 ** 2", lambda: (_X + 1j).astype(np.complex64) ** 2)
observe("float32 ** float32 scalar", lambda: _POSITIVE.astype(np.float32) ** np.float32(2))
# A strided, a reversed and an unaligned operand may take another loop than a contiguous one.
_wide = np.repeat(_X.astype(np.float32), 2)
_unaligned = np.frombuffer(b"\0" + _X.astype(np.float32).tobytes(), np.uint8)[1:].view(np.float32)
for _name in ["exp", "log1p", "sin", "tanh"]:
    observe(_name + " strided equals contiguous",
        lambda: np.array_equal(getattr(np, _name)(np.abs(_wide[::2])), getattr(np, _name)(np.abs(_wide[::2].copy()))))
    observe(_name + " reversed equals contiguous",
        lambda: np.array_equal(getattr(np, _name)(_wide[::-1] ** 2), getattr(np, _name)(_wide ** 2)[::-1]))
    observe(_name + " one by one equals vector",
        lambda: [getattr(np, _name)(x) == y for x, y in zip(_wide[:9] ** 2, getattr(np, _name)(_wide[:9] ** 2))])
    observe(_name + " unaligned", lambda: getattr(np, _name)(_unaligned[:8] ** 2))
