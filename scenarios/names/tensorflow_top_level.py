"""Public names of TensorFlow's top level since 1.15, and those of 1.x that people still look for."""
# /// skew
# links = ["https://www.tensorflow.org/guide/migrate", "https://www.tensorflow.org/api_docs/python/tf"]
# ///
import inspect

import tensorflow as tf
from skew import observe

_NAMES = """
abs add approx_top_k arg_max argmax argmin argsort assert_equal assert_greater assert_near assign assign_add atan2
bfloat16 bool cast check_pinned cholesky clip_by_value concat cond ConfigProto confusion_matrix constant
control_dependencies conv conv2d_backprop_filter_v2 convert_to_tensor count_nonzero depth_to_space device diag Dimension
disable_eager_execution div divide DType eig eigvals einsum enable_eager_execution enable_v2_behavior equal erf
executing_eagerly exp expand_dims fft fftnd float16 float32 float64 floordiv floormod function gather get_collection
get_current_name_scope get_default_graph get_default_session get_static_value get_variable global_variables_initializer
glorot_uniform_initializer gradients GradientTape Graph GraphDef GraphKeys greater identity ifftnd IndexedSlices
initialize_all_variables inside_function int32 int64 InteractiveSession is_nan is_symbolic_tensor less lgamma linspace
log log1p map_fn matmul matrix_inverse mod multinomial multiply name_scope newaxis no_gradient NoneTensorSpec norm
not_equal one_hot ones Operation pad placeholder placeholder_with_default Print print py_func py_function
quantize_and_dequantize_v4 ragged_fill_empty_rows RaggedTensor random_index_shuffle random_normal random_shuffle
random_uniform range read_file reduce_mean reduce_sum repeat reset_default_graph reshape resource rsqrt saturate_cast
searchsorted Session set_random_seed shape sigmoid sort sparse_placeholder sparse_to_dense SparseTensor SparseTensorSpec
split sqrt square stack string string_split subtract tables_initializer tanh Tensor tensor_scatter_nd_max TensorArray
tensordot TensorShape TensorSpec to_double to_float to_int32 to_int64 tpu_partitioned_output_v2 trainable_variables
transpose truncated_normal type_spec_from_value uint16 uint8 unique Variable variable_scope VariableScope vectorized_map
where where_v2 while_loop wrap_function zeros
"""

_NAMESPACES = """
app audio autodiff bitwise config contrib data debugging distribute distributions dtensor dtypes errors estimator
experimental feature_column flags gfile graph_util image initializers io keras layers linalg lite logging lookup losses
math metrics mixed_precision mlir nest nn optimizers profiler python ragged random raw_ops saved_model security sets
signal sparse spectral strings summary sysconfig test tpu train tsl types xla
"""


def _kind(value):
    """What a name is, so coarsely that another way to implement it makes no difference."""
    if inspect.ismodule(value):
        return "module"
    if isinstance(value, type):
        return "built-in class" if value.__module__ == "builtins" else "class"
    if type(value).__name__ == "DType":
        return "dtype"
    return "callable" if callable(value) else "constant"


for _name in (_NAMES + _NAMESPACES).split():
    observe("tf.%s" % _name, lambda: _kind(getattr(tf, _name)))
