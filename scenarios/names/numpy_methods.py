"""Methods and attributes of arrays, dtypes, scalars, ufuncs and generators since NumPy 1.18."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.22.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.1.0-notes.html",
#     "https://numpy.org/doc/stable/reference/arrays.ndarray.html",
# ]
# ///
import numpy as np
from skew import observe

_NAMES = {
    "ndarray": """
        astype base copy device dot dtype flags flatten item itemset mT newbyteorder ptp reshape resize setflags shape
        sort strides T to_device tobytes tofile tolist tostring transpose view
    """,
    "dtype": "base byteorder descr fields flags metadata names newbyteorder shape str subdtype",
    "float64": """
        as_integer_ratio device fromhex hex is_integer item itemset newbyteorder ptp real round to_device tobytes tolist
        tostring view
    """,
    "int64": "as_integer_ratio bit_count bit_length denominator is_integer numerator",
    "bool_": "bit_count device is_integer item ptp to_device",
    "ufunc": "accumulate at identity nargs nin nout ntypes outer reduce reduceat resolve_dtypes signature types",
    "Generator": """
        bit_generator choice integers multivariate_hypergeometric multivariate_normal normal permutation permuted
        poisson random shuffle spawn standard_normal uniform
    """,
    "RandomState": "integers random random_integers seed tomaxint",
    "BitGenerator": "capsule cffi ctypes jumped lock random_raw seed_seq spawn state",
    "MaskedArray": """
        compressed device fill_value filled get_fill_value itemset mask mini mT newbyteorder product ptp to_device
        toflex tostring
    """,
    "matrix": "A A1 device H I itemset mT newbyteorder to_device tostring",
    "finfo": "eps machar max nmant precision smallest_normal smallest_subnormal tiny",
    "errstate": "__call__ __enter__ kwargs",
    "vectorize": "cache excluded otypes pyfunc signature",
    "NpzFile": "close f files get items iteritems iterkeys keys values",
}

_THINGS = {
    "ndarray": lambda: np.array([1.5, 2.5]),
    "dtype": lambda: np.dtype("float64"),
    "float64": lambda: np.float64(1.5),
    "int64": lambda: np.int64(3),
    "bool_": lambda: np.bool_(True),
    "ufunc": lambda: np.add,
    "Generator": lambda: np.random.default_rng(1),
    "RandomState": lambda: np.random.RandomState(1),
    "BitGenerator": lambda: np.random.PCG64(1),
    "MaskedArray": lambda: np.ma.array([1.0, 2.0], mask=[False, True]),
    "matrix": lambda: np.matrix([[2.0]]),
    "finfo": lambda: np.finfo(np.float64),
    "errstate": np.errstate,
    "vectorize": lambda: np.vectorize(abs),
    "NpzFile": lambda: np.load("arrays.npz"),
}
np.savez("arrays.npz", a=np.zeros(1))


def _kind(thing, name):
    return "method" if callable(getattr(thing, name)) else "attribute"


for _class, _names in _NAMES.items():
    for _name in _names.split():
        observe("%s.%s" % (_class, _name), lambda: _kind(_THINGS[_class](), _name))
