"""Results of numerical kernels, bit for bit and within tolerance."""
import numpy as np
import tensorflow as tf
from skew import observe

_x = np.linspace(-4, 4, 257)
for _dtype in ["float16", "float32", "float64"]:
    _typed = _x.astype(_dtype)
    for _name in ["exp", "tanh", "sin", "cumsum"]:
        observe(f"np.{_name} {_dtype}", lambda: getattr(np, _name)(_typed))
    for _name in ["exp", "tanh", "sigmoid"]:
        observe(f"tf.{_name} {_dtype}", lambda: getattr(tf, _name)(_typed))
    observe(f"tf softmax {_dtype}", lambda: tf.nn.softmax(_typed))
_matrix = _x[:256].reshape(16, 16).astype(np.float32)
observe("np matmul", lambda: _matrix @ _matrix.T)
observe("tf matmul", lambda: tf.matmul(_matrix, _matrix, transpose_b=True))
observe("tf conv2d", lambda: tf.nn.conv2d(_matrix.reshape(1, 16, 16, 1), _matrix[:3, :3].reshape(3, 3, 1, 1), 1, "SAME"))
observe("np std float32", lambda: _x.astype(np.float32).std())
observe("tf std float32", lambda: tf.math.reduce_std(_x.astype(np.float32)))
