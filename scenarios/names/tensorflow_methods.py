"""Methods and attributes of tensors, variables, shapes, dtypes and datasets since TensorFlow 1.15."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/Tensor",
#     "https://www.tensorflow.org/api_docs/python/tf/Variable",
#     "https://www.tensorflow.org/api_docs/python/tf/data/Dataset",
# ]
# ///
import tensorflow as tf
from skew import observe

_NAMES = {
    "Tensor": """
        __array__ __array_interface__ __array_priority__ __array_ufunc__ __bool__ __dlpack__ __index__ __len__
        __tf_tensor__ astype backing_device clip consumers cpu data device dtype eval experimental_ref flatten gpu graph
        is_packed item max mean name ndim numpy op ravel ref reshape size sum T tolist transpose
    """,
    "Variable": "__array__ assign assign_add assign_sub load numpy read_value_no_copy ref scatter_nd_max",
    "RaggedTensor": "from_uniform_row_length get_shape merge_dims numpy ragged_rank row_lengths shape to_list",
    "SparseTensor": "eval get_shape graph numpy set_shape shape with_values",
    "TensorShape": """
        as_list assert_is_compatible_with assert_is_fully_defined cast concatenate experimental_type_proto
        most_specific_common_supertype
    """,
    "DType": "as_datatype_enum as_numpy_dtype base_dtype experimental_as_proto is_numeric name",
    "Dataset": """
        as_numpy_iterator batch cardinality counter fingerprint from_generator from_sparse_tensor_slices
        from_tensor_slices get_single_element ignore_errors load make_one_shot_iterator output_shapes output_types
        padded_batch ragged_batch random rebatch rejection_resample sample_from_datasets save shuffle sparse_batch
        unbatch
    """,
    "GradientTape": "gradient jacobian reset watch",
    "Graph": "as_graph_def Dismantle get get_operations get_tensor_by_name new_operations num_operations",
    "function": """
        experimental_get_compiler_ir experimental_get_tracing_count function_spec get_concrete_function input_signature
        pretty_printed_concrete_signatures python_function
    """,
}

_THINGS = {
    "Tensor": lambda: tf.constant([1.5, 2.5]),
    "Variable": lambda: tf.Variable([1.5, 2.5]),
    "RaggedTensor": lambda: tf.ragged.constant([[1], [2, 3]]),
    "SparseTensor": lambda: tf.SparseTensor([[0, 1]], [1.5], [2, 2]),
    "TensorShape": lambda: tf.TensorShape([1, 2]),
    "DType": lambda: tf.float32,
    "Dataset": lambda: tf.data.Dataset.range(3),
    "GradientTape": lambda: tf.GradientTape(),
    "Graph": lambda: tf.Graph(),
    "function": lambda: tf.function(lambda x: x),
}


def _kind(thing, name):
    return "method" if callable(getattr(thing, name)) else "attribute"


for _class, _names in _NAMES.items():
    for _name in _names.split():
        observe("%s.%s" % (_class, _name), lambda: _kind(_THINGS[_class](), _name))
