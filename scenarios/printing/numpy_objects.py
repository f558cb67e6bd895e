"""How dtypes, functions, limits and other objects of NumPy print."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/arrays.dtypes.html",
#     "https://numpy.org/neps/nep-0055-string_dtype.html",
# ]
# ///
import numpy as np
from skew import observe


def _raised(call):
    try:
        call()
    except Exception as error:
        return error


_DTYPES = {
    "bool": lambda: np.dtype(bool),
    "float32": lambda: np.dtype("f4"),
    "big-endian": lambda: np.dtype(">i4"),
    "longlong": lambda: np.dtype("q"),
    "text": lambda: np.dtype("U5"),
    "text without length": lambda: np.dtype("U"),
    "bytes": lambda: np.dtype("S3"),
    "void": lambda: np.dtype("V4"),
    "object": lambda: np.dtype(object),
    "datetime": lambda: np.dtype("M8[ns]"),
    "generic datetime": lambda: np.dtype("M8"),
    "timedelta of 25 s": lambda: np.dtype("m8[25s]"),
    "structured": lambda: np.dtype([("a", "i4"), ("b", "f8", (2,))]),
    "structured with titles": lambda: np.dtype([(("title", "a"), "i4")]),
    "aligned": lambda: np.dtype("i1,f8", align=True),
    "offsets": lambda: np.dtype({"names": ["a"], "formats": ["i4"], "offsets": [4], "itemsize": 16}),
    "subarray": lambda: np.dtype(("i4", (2, 3))),
    "record": lambda: np.dtype((np.record, [("a", "i4")])),
    "metadata": lambda: np.dtype("i4", metadata={"unit": "m"}),
    "StringDType": lambda: np.dtypes.StringDType(),
    "StringDType of NaN": lambda: np.dtypes.StringDType(na_object=np.nan),
    "class of a dtype": lambda: type(np.dtype("f4")),
}
for _name, _make in _DTYPES.items():
    observe("dtype %s" % _name, lambda: repr(_make()))
for _name, _make in {
    "class float32": lambda: np.float32,
    "class bool_": lambda: np.bool_,
    "class str_": lambda: np.str_,
    "class longlong": lambda: np.longlong,
    "ufunc": lambda: np.add,
    "finfo": lambda: np.finfo(np.float32),
    "iinfo": lambda: np.iinfo(np.int16),
    "flags": lambda: np.zeros(2).flags,
    "nditer value": lambda: next(iter(np.nditer(np.array([1.5])))),
    "unique with counts": lambda: np.unique([1, 1], return_counts=True),
    "named result of slogdet": lambda: np.linalg.slogdet(np.eye(2)),
    "string array": lambda: np.array(["a", "b"], np.dtypes.StringDType()),
    "TypeError of a ufunc": lambda: str(_raised(lambda: np.add(np.array(["M8"], object), {}))),
    "UFuncTypeError": lambda: str(_raised(lambda: np.add(np.datetime64("2020-01-01"), np.datetime64("2020-01-02")))),
    "AxisError": lambda: str(_raised(lambda: np.sum([1], axis=2))),
}.items():
    observe("%s" % _name, lambda: repr(_make()))
