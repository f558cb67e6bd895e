"""Every NumPy ufunc given tensors: what type and dtype comes back, and which refuse."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/ufuncs.html",
#     "https://numpy.org/neps/nep-0013-ufunc-overrides.html",
#     "https://www.tensorflow.org/api_docs/python/tf/Tensor",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_UNARY = """absolute fabs negative positive sign rint floor ceil trunc exp exp2 expm1 log log2 log10 log1p sqrt square
cbrt reciprocal sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arctanh degrees radians deg2rad rad2deg
isfinite isinf isnan signbit spacing conjugate logical_not frexp modf""".split()
_BINARY = """add subtract multiply divide true_divide floor_divide power float_power remainder fmod divmod logaddexp
logaddexp2 arctan2 hypot maximum minimum fmax fmin copysign nextafter heaviside equal not_equal less less_equal
greater greater_equal logical_and logical_or logical_xor matmul vecdot""".split()
_INTEGER = """bitwise_and bitwise_or bitwise_xor left_shift right_shift gcd lcm floor_divide power remainder
divide""".split()

_x, _y = tf.constant([0.25, 0.5]), tf.constant([0.5, 0.75])
_i, _j = tf.constant([4, 6]), tf.constant([2, 3])
for _name in _UNARY:
    observe(_name, lambda: getattr(np, _name)(_x))
observe("arccosh", lambda: np.arccosh(_x + 1))
for _name in _BINARY:
    observe(_name, lambda: getattr(np, _name)(_x, _y))
for _name in _INTEGER:
    observe("int " + _name, lambda: getattr(np, _name)(_i, _j))
for _name in ["invert", "bitwise_count", "negative", "sqrt", "floor", "sign", "isnan"]:
    observe("int " + _name, lambda: getattr(np, _name)(_i))
observe("ldexp", lambda: np.ldexp(_x, _i))
observe("float by int add", lambda: np.add(_x, _i))
observe("complex absolute", lambda: np.absolute(tf.constant([3 + 4j])))
observe("bool add", lambda: np.add(tf.constant([True]), tf.constant([True])))
observe("bool subtract", lambda: np.subtract(tf.constant([True]), tf.constant([True])))
observe("text equal", lambda: np.equal(tf.constant(["a"]), tf.constant(["a"])))
observe("bfloat16 exp", lambda: np.exp(tf.constant([0.5], tf.bfloat16)))
observe("bfloat16 add", lambda: np.add(tf.constant([0.5], tf.bfloat16), tf.constant([0.5], tf.bfloat16)))
observe("float16 exp", lambda: np.exp(tf.constant([0.5], tf.float16)))
observe("scalar tensor exp", lambda: np.exp(tf.constant(0.5)))
observe("variable exp", lambda: np.exp(tf.Variable([0.5, 1.0])))
observe("variable add", lambda: np.add(tf.Variable([0.5, 1.0]), _x))
observe("ragged tensor exp", lambda: np.exp(tf.ragged.constant([[0.5], [1.0, 2.0]])))
observe("sparse tensor exp", lambda: np.exp(tf.sparse.from_dense([[0.0, 1.0]])))
