"""What `casting=`, `out=` and `dtype=` let through."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/generated/numpy.can_cast.html",
#     "https://numpy.org/doc/stable/reference/ufuncs.html",
#     "https://numpy.org/doc/stable/release/1.20.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_F8, _I8, _U1 = np.array([0.5, 1.5]), np.array([1, 2]), np.array([1, 2], "u1")
for _rule in ["no", "equiv", "safe", "same_kind", "same_value", "unsafe", "nonsense"]:
    for _name, _source, _target in [("float64 to float32", _F8, "f4"), ("int64 to uint8", _I8, "u1")]:
        observe("%s, %s" % (_name, _rule), lambda: _source.astype(_target, casting=_rule))


def _out(dtype):
    return np.zeros(2, dtype)


_CASES = {
    "add into float32": lambda: np.add(_F8, _F8, out=_out("f4")),
    "add into int": lambda: np.add(_F8, _F8, out=_out(int)),
    "add of ints into uint8": lambda: np.add(_I8, _I8, out=_out("u1")),
    "add of uint8 into int8": lambda: np.add(_U1, _U1, out=_out("i1")),
    "add of ints into bool": lambda: np.add(_I8, _I8, out=_out(bool)),
    "add of complex into float": lambda: np.add(_F8 * 1j, _F8, out=_out(float)),
    "less into int": lambda: np.less(_F8, _F8, out=_out(int)),
    "less as int": lambda: np.less(_F8, _F8, dtype=int),
    "less as object": lambda: np.less(_F8, _F8, dtype=object),
    "add as float32": lambda: np.add(_F8, _F8, dtype="f4"),
    "add as int": lambda: np.add(_F8, _F8, dtype=int),
    "add by signature": lambda: np.add(_F8, _F8, signature="ff->f"),
    "add without a loop": lambda: np.add(_F8, "a"),
    "add of V": lambda: np.add(np.zeros(1, "V2"), 1),
    "divide ints as int": lambda: np.divide(_I8, _I8, dtype=int),
    "sqrt of ints into float32": lambda: np.sqrt(_I8, out=_out("f4")),
    "sum into int": lambda: np.sum(_F8, out=np.zeros((), int)),
    "prod of float as bool": lambda: np.prod(_F8, dtype=bool),
    "argmax into int32": lambda: np.argmax(_F8, out=np.zeros((), "i4")),
    "argmax into uint64": lambda: np.argmax(_F8, out=np.zeros((), "u8")),
    "clip into int": lambda: np.clip(_F8, 0, 1, out=_out(int)),
    "round into int": lambda: np.round(_F8, out=_out(int)),
    "matmul into float32": lambda: np.matmul(_F8, _F8, out=np.zeros((), "f4")),
    "einsum as float32": lambda: np.einsum("i,i", _F8, _F8, dtype="f4", casting="same_kind"),
    "concatenate into int": lambda: np.concatenate([_F8[:1], _F8[:1]], out=_out(int)),
    "concatenate into float32": lambda: np.concatenate([_F8[:1], _F8[:1]], out=_out("f4")),
    "concatenate as uint8, safe": lambda: np.concatenate([_I8], dtype="u1", casting="safe"),
    "concatenate as text": lambda: np.concatenate([_I8], dtype="U2"),
    "copyto of floats to ints": lambda: np.copyto(_out(int), _F8),
    "index of floats": lambda: _I8[np.array([0.0, 1.0])],
    "index of uint64": lambda: _I8[np.array([1], "u8")],
    "index of empty float array": lambda: _I8[np.array([])],
    "take by floats": lambda: np.take(_I8, [0.0, 1.0]),
    "take by uint64": lambda: np.take(_I8, np.array([1], "u8")),
    "bincount of floats": lambda: np.bincount(_F8),
    "bincount of uint64": lambda: np.bincount(np.array([1], "u8")),
    "reshape by a float of NumPy": lambda: np.reshape(_I8, (np.float64(2), 1)),
    "view of a column": lambda: np.ones((2, 2))[:, :1].view("f4"),
    "dtype assigned": lambda: setattr(_F8.copy(), "dtype", "i8"),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
