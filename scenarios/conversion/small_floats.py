"""bfloat16, float8 and 4-bit types: whether they exist, what NumPy calls them, and how they come back."""
# /// skew
# links = [
#     "https://github.com/jax-ml/ml_dtypes",
#     "https://github.com/tensorflow/tensorflow/issues/67291",
#     "https://www.tensorflow.org/api_docs/python/tf/dtypes/experimental",
# ]
# ///
import pickle as _pickle

import numpy as np
import tensorflow as tf
from skew import observe

_FOUND = {
    "float16": lambda: tf.float16,
    "bfloat16": lambda: tf.bfloat16,
    "float8_e5m2": lambda: tf.dtypes.experimental.float8_e5m2,
    "float8_e4m3fn": lambda: tf.dtypes.experimental.float8_e4m3fn,
    "float8_e4m3fnuz": lambda: tf.dtypes.experimental.float8_e4m3fnuz,
    "float8_e4m3b11fnuz": lambda: tf.dtypes.experimental.float8_e4m3b11fnuz,
    "float8_e5m2fnuz": lambda: tf.dtypes.experimental.float8_e5m2fnuz,
    "float4_e2m1fn": lambda: tf.dtypes.experimental.float4_e2m1fn,
    "int4": lambda: tf.dtypes.experimental.int4,
    "uint4": lambda: tf.dtypes.experimental.uint4,
    "int2": lambda: tf.dtypes.experimental.int2,
    "uint2": lambda: tf.dtypes.experimental.uint2,
}
for _name, _find in _FOUND.items():
    observe(_name + "/in NumPy", lambda: np.dtype(_find().as_numpy_dtype).str)
    observe(_name + "/tensor", lambda: tf.cast(tf.cast([0.0, 1.2, -3.0, 1000.0], _find()), tf.float32))
    observe(_name + "/array", lambda: tf.cast([1.0, 2.0], _find()).numpy())
    observe(_name + "/from array", lambda: tf.constant(np.array([1.5, 2]).astype(_find().as_numpy_dtype)))


def _half(values=(1.5, 2.25)):
    return np.array(values, dtype=tf.bfloat16.as_numpy_dtype)


_BFLOAT16 = {
    "scalar": lambda: _half()[0],
    "scalar + float": lambda: _half()[0] + 1.0,
    "+ float32 scalar": lambda: _half() + np.float32(1),
    "+ float": lambda: _half() + 1.0,
    "+ int": lambda: _half() + 1,
    "+ float16 array": lambda: _half() + np.ones(2, np.float16),
    "+ int8 array": lambda: _half() + np.ones(2, np.int8),
    "+ int32 array": lambda: _half() + np.ones(2, np.int32),
    "+ float64 array": lambda: _half() + np.ones(2),
    "+ complex64 array": lambda: _half() + np.ones(2, np.complex64),
    "as int": lambda: _half((-1.5, 300)).astype(np.int8),
    "of 2**100 as float16": lambda: _half((2.0**100,)).astype(np.float16),
    "as text": lambda: _half().astype(str),
    "repr": lambda: repr(_half()),
    "dtype": lambda: repr(_half().dtype),
    "dtype kind": lambda: _half().dtype.kind,
    "by name": lambda: np.dtype("bfloat16").name,
    "module": lambda: type(_half()[0]).__module__.split(".")[0],
    "sum": lambda: _half().sum(),
    "mean": lambda: _half().mean(),
    "sort": lambda: np.sort(_half((2, np.nan, 1))),
    "isnan": lambda: np.isnan(_half((2, np.nan))),
    "exp": lambda: np.exp(_half()),
    "matmul": lambda: _half() @ _half(),
    "finfo": lambda: np.finfo(tf.bfloat16.as_numpy_dtype).max,
    "issubdtype of floating": lambda: np.issubdtype(_half().dtype, np.floating),
    "can_cast to float32": lambda: np.can_cast(_half().dtype, np.float32),
    "promoted with float16": lambda: np.promote_types(_half().dtype, np.float16),
    "pickled": lambda: _pickle.loads(_pickle.dumps(_half())),
    "byte-swapped dtype": lambda: _half().dtype.newbyteorder().isnative,
    "tensor + array": lambda: tf.constant([1.0, 2.0], tf.bfloat16) + _half(),
    "rounding": lambda: tf.cast([1.00390625, 1.01171875, 3.4e38], tf.bfloat16),
    "tensor printed": lambda: str(tf.constant([1.5], tf.bfloat16)),
    "numpy() as float32": lambda: np.asarray(tf.constant([1.5], tf.bfloat16)).astype(np.float32),
    "np.array of tensor as float32": lambda: np.array(tf.constant([1.5], tf.bfloat16), np.float32),
}
for _name, _make in _BFLOAT16.items():
    observe("bfloat16 " + _name, _make)
