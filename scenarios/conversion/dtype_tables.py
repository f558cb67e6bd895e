"""Which dtypes TensorFlow and NumPy take for each other's, and how they compare."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/as_dtype",
#     "https://www.tensorflow.org/api_docs/python/tf/dtypes/DType",
# ]
# ///
import pickle as _pickle

import numpy as np
import tensorflow as tf
from skew import observe

_NAMES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    "complex64", "complex128", "bfloat16", "string", "qint8", "quint8", "resource", "variant",
]
_ATTRIBUTES = ["is_bool", "is_integer", "is_floating", "is_complex", "is_unsigned", "is_quantized",
               "is_numpy_compatible", "size", "min", "max", "as_numpy_dtype"]


def _attempt(function):
    try:
        return function()
    except Exception as error:
        return type(error).__name__


for _name in _NAMES:
    _dtype = getattr(tf, _name)
    observe(_name + "/attributes", lambda: {key: _attempt(lambda: getattr(_dtype, key)) for key in _ATTRIBUTES})

observe("np.dtype of all", lambda: {name: _attempt(lambda: np.dtype(getattr(tf, name)).str) for name in _NAMES})
_SPELLINGS = {
    "'float'": "float", "'int'": "int", "'long'": "long", "'str'": "str", "'f4'": "f4",
    "'<i4'": "<i4", "'>i4'": ">i4", "'?'": "?", "'object'": "object", "'float32_ref'": "float32_ref",
    "'complex'": "complex", "'float8_e5m2'": "float8_e5m2", "'int4'": "int4", "'longdouble'": "longdouble",
    "'intp'": "intp", "'datetime64[s]'": "datetime64[s]",
    "int": int, "float": float, "complex": complex, "str": str, "bytes": bytes, "object": object, "None": None,
    "np.bool_": np.bool_, "np.longlong": np.longlong, "np.ulonglong": np.ulonglong, "np.longdouble": np.longdouble,
    "np.str_": np.str_, "np.object_": np.object_, "np.floating": np.floating, "dtype U3": np.dtype("U3"),
    "dtype M8": np.dtype("M8[D]"), "dtype V4": np.dtype("V4"),
    "structured": np.dtype("i4,f4"), "pair of i1 called qint8": np.dtype([("qint8", "i1")]), "enum 1": 1,
    "enum 99": 99, "array": np.ones(2, "f4"),
}
for _name, _value in _SPELLINGS.items():
    observe("as_dtype of " + _name, lambda: tf.as_dtype(_value))

_CASES = {
    "float32 == np.float32": lambda: tf.float32 == np.float32,
    "np.float32 == float32": lambda: np.float32 == tf.float32,
    "np.dtype == float32": lambda: np.dtype("float32") == tf.float32,
    "float32 == 'float32'": lambda: tf.float32 == "float32",
    "float32 == 'nonsense'": lambda: tf.float32 == "nonsense",
    "float32 == None": lambda: tf.float32 == None,  # noqa: E711
    "in a dict of np types": lambda: tf.float32 in {np.float32: 1},
    "np.zeros of tf.float32": lambda: np.zeros(2, tf.float32),
    "np.issubdtype of tf.float32": lambda: np.issubdtype(tf.float32, np.floating),
    "np.finfo of tf.float32": lambda: np.finfo(tf.float32).bits,
    "np.dtype of tf.string": lambda: np.zeros(1, tf.string),
    "repr": lambda: repr([tf.float32, tf.string, tf.bool]),
    "pickled": lambda: _pickle.loads(_pickle.dumps(tf.float32)) is tf.float32,
    "limits of float16, unclipped": lambda: tf.float16.limits,
}
for _name, _make in _CASES.items():
    observe(_name, _make)
