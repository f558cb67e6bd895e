"""How tensors, variables, shapes, dtypes and datasets print, and what `tf.print` writes."""
# /// skew
# links = ["https://www.tensorflow.org/api_docs/python/tf/print", "https://www.tensorflow.org/guide/tensor"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_THINGS = {
    "scalar tensor": lambda: tf.constant(1.5),
    "int tensor": lambda: tf.constant([[1, 2], [3, 4]]),
    "float64 tensor": lambda: tf.constant(np.array([0.1, 1 / 3])),
    "string tensor": lambda: tf.constant(["a", "ä"]),
    "bool tensor": lambda: tf.constant([True, False]),
    "bfloat16 tensor": lambda: tf.cast([0.1, 2.0], tf.bfloat16),
    "float8 tensor": lambda: tf.cast([0.5, 2.0], tf.dtypes.experimental.float8_e5m2),
    "complex tensor": lambda: tf.constant([1 + 2j]),
    "empty tensor": lambda: tf.zeros([0, 3]),
    "long tensor": lambda: tf.range(2000),
    "NaN tensor": lambda: tf.constant([float("nan"), float("inf")]),
    "variable": lambda: tf.Variable([1.0, 2.0], name="weights"),
    "ragged tensor": lambda: tf.ragged.constant([[1, 2], [3]]),
    "ragged strings": lambda: tf.ragged.constant([["a"], []]),
    "TensorShape": lambda: tf.TensorShape([1, None, 3]),
    "unknown TensorShape": lambda: tf.TensorShape(None),
    "shape of a tensor": lambda: tf.constant([[1, 2]]).shape,
    "TensorSpec": lambda: tf.TensorSpec([None, 2], tf.float32, name="x"),
    "RaggedTensorSpec": lambda: tf.RaggedTensorSpec([2, None], tf.int32),
    "SparseTensorSpec": lambda: tf.SparseTensorSpec([2], tf.int32),
    "dtype": lambda: tf.float32,
    "string dtype": lambda: tf.string,
    "bfloat16 as NumPy": lambda: tf.bfloat16.as_numpy_dtype,
    "quantized dtype": lambda: tf.qint8,
    "dataset": lambda: tf.data.Dataset.from_tensor_slices(([1, 2], [1.0, 2.0])),
    "batched dataset": lambda: tf.data.Dataset.range(4).batch(2),
    "element_spec": lambda: tf.data.Dataset.range(4).batch(2).element_spec,
    "device": lambda: tf.constant(1.0).device,
    "unconnected gradients": lambda: tf.UnconnectedGradients.NONE,
    "error": lambda: tf.errors.InvalidArgumentError(None, None, "text"),
    "KerasTensor": lambda: tf.keras.Input((2,), name="x"),
    "KerasTensor of ints": lambda: tf.keras.Input((None, 2), batch_size=3, dtype="int32", name="y"),
    "keras policy": lambda: tf.keras.mixed_precision.Policy("mixed_float16"),
    "keras initializer config": lambda: tf.keras.initializers.GlorotUniform(seed=1).get_config(),
    "NumPy scalar of a tensor": lambda: tf.constant(1.5).numpy(),
    "list of tensors": lambda: [tf.constant(1), tf.constant(2)],
}
for _name, _make in _THINGS.items():
    observe("%s/repr" % _name, lambda: repr(_make()))
for _name in """
        scalar tensor,int tensor,string tensor,bfloat16 tensor,variable,ragged tensor,TensorShape,dtype,error
        """.strip().split(","):
    observe("%s/str" % _name, lambda: str(_THINGS[_name]()))
for _name, _value in {"scalar": 1.5, "float tensor": 0.1, "list": [1, 2]}.items():
    observe("format %s" % _name, lambda: "{:.2f}".format(tf.constant(_value)))
    observe("f-string %s" % _name, lambda: f"{tf.constant(_value)}")


def _written(*values, **options):
    """What `tf.print` writes into a file."""
    tf.print(*values, output_stream="file://printed.txt", **options)
    with open("printed.txt") as file:
        text = file.read()
    open("printed.txt", "w").close()
    return text


observe("tf.print floats", lambda: _written(tf.constant([0.1, 1e-7, 1e7]), 1 / 3))
observe("tf.print long", lambda: _written(tf.range(20)))
observe("tf.print summarize=-1", lambda: _written(tf.range(20), summarize=-1))
observe("tf.print nested", lambda: _written({"b": tf.constant(1), "a": [tf.constant(2.5), "text"]}))
observe("tf.print sep and end", lambda: _written(1, "a", sep="|", end="!"))
observe("tf.print ragged", lambda: _written(tf.ragged.constant([[1], [2, 3]])))
observe("tf.print sparse", lambda: _written(tf.SparseTensor([[0]], [1], [2])))
observe("tf.print NumPy", lambda: _written(np.array([0.1, 0.2]), np.float32(0.1), np.int64(2)))
observe("tf.print bool and None", lambda: _written(True, None, tf.float32))
for _name, _value in {"float": 0.1, "half": 1 / 3, "int": 7, "bool": True, "large": 1e20, "NaN": float("nan")}.items():
    observe("as_string %s" % _name, lambda: tf.strings.as_string(_value))
observe("as_string precision", lambda: tf.strings.as_string([1.23456], precision=2, width=8, fill="0"))
observe("strings.format", lambda: tf.strings.format("{} and {}", (tf.constant([1.0, 0.1]), tf.range(10))))
