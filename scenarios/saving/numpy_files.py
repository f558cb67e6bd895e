"""Arrays written and read again: npy, npz, pickle, text, raw bytes."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/routines.io.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.23.0-notes.html",
# ]
# ///
import io
import pathlib
import pickle
import pickletools
import re

import numpy as np
from skew import observe

ARRAYS = {
    "big endian": np.array([1, 2], ">i4"), "text": np.array(["a", "bcd"]), "bytes": np.array([b"a", b"bcd"]),
    "structured": np.array([(1, 2.5)], [("a", "i4"), ("b", "f8")]), "empty": np.zeros((0, 3)), "scalar": np.array(7),
    "subarray": np.zeros(2, [("a", "f4", (2,))]), "masked": np.ma.array([1, 2], mask=[True, False]),
    "matrix": np.matrix([[1, 2]]), "float32": np.float32([1.5, -0.0]), "datetime": np.array(["2024-01-31"], "M8[D]"),
    "object": np.array([1, "a", None], object),
}


def _npy(array, **arguments):
    file = io.BytesIO()
    np.save(file, array)
    file.seek(0)
    return np.load(file, **arguments)


for _name, _array in ARRAYS.items():
    observe(f"npy {_name}", lambda: _npy(_array))
observe("npy ragged list", lambda: _npy([[1, 2], [3]], allow_pickle=True))
observe("npy mmap", lambda: (np.save("m.npy", np.arange(3)), type(np.load("m.npy", mmap_mode="r")).__name__)[1])
observe("load of nothing", lambda: np.load(io.BytesIO()))
observe("save fix_imports", lambda: np.save(io.BytesIO(), ARRAYS["object"], fix_imports=True))


def _npz(write, **arrays):
    write("a.npz", **arrays)
    with np.load("a.npz", allow_pickle=False) as loaded:
        return {name: loaded[name] for name in loaded.files}


observe("npz named allow_pickle", lambda: sorted(_npz(lambda name, **arrays: np.savez(name, allow_pickle=1, a=2))))
# Without the address that it had before NumPy 1.25.
observe("npz repr", lambda: (np.savez("r.npz", a=1), re.sub(" at 0x[0-9a-f]+|'", "", repr(np.load("r.npz"))))[1])
observe("npz key missing", lambda: (np.savez("k.npz", a=1), np.load("k.npz")["b"])[1])

for _name in ["float32", "text", "datetime", "structured", "object", "masked", "matrix"]:
    observe(f"pickle {_name}", lambda: pickle.loads(pickle.dumps(ARRAYS[_name])))
for _name, _value in {
    "array": np.arange(2), "scalar": np.float32(1.5), "dtype": np.dtype("f4"), "ufunc": np.add,
    "RandomState": np.random.RandomState(1), "Generator": np.random.default_rng(1),
}.items():
    # Pickles name the modules that must exist where they are read: numpy.core became numpy._core.
    observe(f"pickle names of {_name}", lambda: sorted({
        text for _, text, _ in pickletools.genops(pickle.dumps(_value, protocol=2))
        if isinstance(text, str) and "numpy" in text}))
observe("pickle of an old array", lambda: pickle.loads(
    b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntR(I1\n(I2\ntcnumpy\n"
    b"dtype\n(Vu1\nI00\nI01\ntR(I3\nV|\nNNNI-1\nI-1\nI0\ntbI00\nV\x01\x02\ntb."))
observe("pickle from numpy._core", lambda: pickle.loads(b"cnumpy._core.multiarray\n_reconstruct\n."))


def _text(array, **arguments):
    file = io.StringIO()
    np.savetxt(file, array, **arguments)
    return file.getvalue()


observe("savetxt text", lambda: _text(ARRAYS["text"], fmt="%s"))
for _name, _lines, _arguments in [
        ("plain", "1 2\n3 4", {}), ("int of float text", "1.5 2", {"dtype": int}), ("empty", "", {}),
        ("one line", "1 2", {}),
        ("ragged", "1 2\n3", {}), ("comments", "1 # c\n2", {}), ("delimiter", "1,2", {"delimiter": ","}),
        ("max_rows", "1\n\n2\n3", {"max_rows": 2}),
        ("converters", "1 2", {"converters": {0: lambda text: float(text) * 2}}), ("bytes converter", "1", {
            "converters": lambda text: len(text) if isinstance(text, bytes) else -1}), ("text", "a b", {"dtype": str}),
        ("quotes", '"a b" c', {"dtype": str, "quotechar": '"'}),
        ("structured", "1 a", {"dtype": [("n", "i4"), ("t", "U1")]}),
        ("hexadecimal", "0x10", {}),
        ("too large for uint8", "300", {"dtype": np.uint8}), ("complex", "1+2j", {"dtype": complex})]:
    observe(f"loadtxt {_name}", lambda: np.loadtxt(io.StringIO(_lines), **_arguments))
observe("genfromtxt dtype=None", lambda: np.genfromtxt(io.StringIO("1 a 2.5"), dtype=None))

observe("tofile and fromfile", lambda: (np.arange(3).tofile("r.bin"), np.fromfile("r.bin", "i8"))[1])
observe("fromfile text with junk", lambda: (
    pathlib.Path("t.txt").write_text("1 2 x"), np.fromfile("t.txt", sep=" "))[1])
observe("fromstring binary", lambda: np.fromstring(b"\1\0\2\0", "i2"))
observe("fromstring text", lambda: np.fromstring("1 2 x", sep=" "))
observe("frombuffer", lambda: np.frombuffer(b"\1\0\2\0", "i2"))
observe("tostring", lambda: np.arange(2, dtype="u1").tostring())
observe("fromregex", lambda: np.fromregex(io.StringIO("n=1 n=2"), r"n=(\d)", [("n", "i4")]))
del ARRAYS
