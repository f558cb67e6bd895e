"""What TensorFlow raises for bad shapes, indices, dtypes and arguments: class and words."""
# /// skew
# links = ["https://www.tensorflow.org/api_docs/python/tf/errors", "https://www.tensorflow.org/guide/tensor"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe


def _f(*shape):
    return tf.ones(shape)


@tf.function
def _traced(x, how):
    if how == "iterate":
        return sum(row for row in x)
    if how == "bool":
        return 1.0 if bool(x[0, 0] > 0) else 0.0
    if how == "numpy":
        return x.numpy()
    if how == "len":
        return len(x)
    if how == "np":
        return np.exp(x)
    return float(x[0, 0])


_CALLS = {
    # Shapes.
    "add": lambda: _f(2, 3) + _f(4),
    "matmul": lambda: tf.matmul(_f(2, 3), _f(2, 3)),
    "matmul of vectors": lambda: tf.matmul(_f(2), _f(2)),
    "reshape": lambda: tf.reshape(_f(2, 3), [4]),
    "reshape with two unknowns": lambda: tf.reshape(_f(2, 3), [-1, -1]),
    "concat": lambda: tf.concat([_f(2, 3), _f(2, 2)], 0),
    "concat of other rank": lambda: tf.concat([_f(2, 3), _f(3)], 0),
    "concat axis": lambda: tf.concat([_f(2), _f(2)], 1),
    "stack": lambda: tf.stack([_f(2), _f(3)]),
    "split": lambda: tf.split(_f(3), 2),
    "squeeze": lambda: tf.squeeze(_f(2, 3), 0),
    "transpose": lambda: tf.transpose(_f(2, 3), [0, 0]),
    "expand_dims": lambda: tf.expand_dims(_f(2), 5),
    "broadcast_to": lambda: tf.broadcast_to(_f(2), [3]),
    "tile": lambda: tf.tile(_f(2, 2), [2]),
    "einsum dimensions": lambda: tf.einsum("ij,jk->ik", _f(2, 3), _f(2, 3)),
    "einsum letters": lambda: tf.einsum("ij->ik", _f(2, 3)),
    "einsum operands": lambda: tf.einsum("i,j->ij", _f(2)),
    "conv2d channels": lambda: tf.nn.conv2d(_f(1, 4, 4, 2), _f(3, 3, 3, 1), 1, "SAME"),
    "conv2d padding": lambda: tf.nn.conv2d(_f(1, 4, 4, 1), _f(3, 3, 1, 1), 1, "NONE"),
    "ragged list": lambda: tf.constant([[1, 2], [3]]),
    "ragged to dense": lambda: tf.ragged.constant([[1, 2], [3]]).numpy(),
    "ragged to_tensor shape": lambda: tf.ragged.constant([[1, 2], [3]]).to_tensor(shape=[1, 1]),
    "convert ragged": lambda: tf.convert_to_tensor(tf.ragged.constant([[1, 2], [3]])),
    "sparse index": lambda: tf.sparse.to_dense(tf.SparseTensor([[5]], [1.0], [2])),
    "sparse order": lambda: tf.sparse.to_dense(tf.SparseTensor([[1], [0]], [1.0, 2.0], [2])),
    "ensure_shape": lambda: tf.ensure_shape(_f(2), [3]),
    "set_shape": lambda: _f(2).set_shape([3]),
    "inverse of singular": lambda: tf.linalg.inv(tf.zeros([2, 2])),
    "inverse not square": lambda: tf.linalg.inv(_f(2, 3)),
    "softmax loss shapes": lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[0, 1], logits=_f(3, 2)),
    "variable assign": lambda: tf.Variable(_f(2)).assign(_f(3)),
    "constant shape": lambda: tf.constant([1, 2, 3], shape=[2]),
    "constant fill": lambda: tf.constant([1, 2], shape=[4]),
    "negative dimension": lambda: tf.zeros([-1]),
    # Axes and indices.
    "reduce axis": lambda: tf.reduce_sum(_f(2), axis=2),
    "argmax axis": lambda: tf.argmax(_f(2), axis=2),
    "index": lambda: tf.constant([1, 2])[5],
    "index of two": lambda: tf.constant([1, 2])[0, 0],
    "index of text": lambda: tf.constant([1, 2])["a"],
    "index of float": lambda: tf.constant([1, 2])[0.5],
    "index list": lambda: tf.constant([1, 2])[[0, 1]],
    "boolean index": lambda: tf.constant([1, 2])[[True, False]],
    "gather": lambda: tf.gather([1, 2], [3]),
    "gather_nd": lambda: tf.gather_nd([1, 2], [[3]]),
    "embedding_lookup": lambda: tf.nn.embedding_lookup(_f(2, 2), [5]),
    "one_hot depth": lambda: tf.one_hot([0], -1),
    "boolean_mask": lambda: tf.boolean_mask(_f(3), [True, False]),
    "scatter_nd": lambda: tf.scatter_nd([[9]], [1.0], [2]),
    "slice": lambda: tf.slice(_f(3), [2], [5]),
    "top_k": lambda: tf.math.top_k(_f(2), k=5),
    # Dtypes.
    "int32 + int64": lambda: tf.constant(1) + tf.constant(1, tf.int64),
    "int32 + float32": lambda: tf.constant(1) + tf.constant(1.5),
    "float32 + float64": lambda: tf.constant(1.5) + tf.constant(1.5, tf.float64),
    "int32 + 0.5": lambda: tf.constant(1) + 0.5,
    "float32 + text": lambda: tf.constant(1.5) + "a",
    "bool + bool": lambda: tf.constant(True) + tf.constant(True),
    "string - string": lambda: tf.constant("a") - tf.constant("b"),
    "uint8 + 300": lambda: tf.constant(1, tf.uint8) + 300,
    "uint8 + -1": lambda: tf.constant(1, tf.uint8) + -1,
    "float tensor + int array": lambda: tf.constant([1.5]) + np.array([1]),
    "int tensor + float array": lambda: tf.constant([1]) + np.array([1.5]),
    "sqrt of ints": lambda: tf.sqrt(tf.constant([4])),
    "matmul of mixed": lambda: tf.matmul(tf.ones([1, 1]), tf.ones([1, 1], tf.float64)),
    "concat of mixed": lambda: tf.concat([tf.constant([1]), tf.constant([1.5])], 0),
    "where of mixed": lambda: tf.where([True], tf.constant([1]), tf.constant([1.5])),
    "maximum of mixed": lambda: tf.maximum(tf.constant(1), tf.constant(1.5)),
    "constant of mixed": lambda: tf.constant([1, "a"]),
    "constant 1.5 as int": lambda: tf.constant(1.5, tf.int32),
    "constant 300 as uint8": lambda: tf.constant(300, tf.uint8),
    "constant 2**40": lambda: tf.constant(2**40),
    "constant 2**40 as int32": lambda: tf.constant(2**40, tf.int32),
    "constant None": lambda: tf.constant(None),
    "constant of an object": lambda: tf.constant(object()),
    "constant of an object array": lambda: tf.constant(np.array([1, None], object)),
    "constant of datetimes": lambda: tf.constant(np.array(["2020-01-01"], "M8[D]")),
    "constant of a structure": lambda: tf.constant(np.zeros(1, "i4,f4")),
    "convert with dtype": lambda: tf.convert_to_tensor(tf.constant(1), tf.float32),
    "cast of text": lambda: tf.cast(tf.constant("1"), tf.int32),
    "cast to nothing": lambda: tf.cast(1, "floaty"),
    "string to number": lambda: tf.strings.to_number("x"),
    "as_dtype": lambda: tf.as_dtype("floaty"),
    "argmax of text": lambda: tf.argmax(["a", "b"]),
    "softmax of ints": lambda: tf.nn.softmax([1, 2]),
    "int // 0": lambda: tf.constant(1) // tf.constant(0),
    "int % 0": lambda: tf.constant(1) % tf.constant(0),
    "ones as text": lambda: tf.ones([1], tf.string),
    # Objects.
    "assign to a tensor": lambda: tf.constant([1, 2]).__setitem__(0, 5),
    "delete from a tensor": lambda: tf.constant([1, 2]).__delitem__(0),
    "unknown attribute": lambda: tf.constant(1).reshape,
    "hash of a tensor": lambda: isinstance(hash(tf.constant(1)), int),
    "hash of a variable": lambda: isinstance(hash(tf.Variable(1)), int),
    "tensor in a set": lambda: len({tf.constant(1)}),
    "tensor as a key": lambda: {tf.constant(1): 2} and True,
    "tensor in a list": lambda: tf.constant(1) in [tf.constant(1)],
    "bool of two": lambda: bool(tf.constant([1, 2])),
    "bool of none": lambda: bool(tf.constant([])),
    "bool of a scalar": lambda: bool(tf.constant(1)),
    "equal of other length": lambda: tf.constant([1, 2]) == tf.constant([1, 2, 3]),
    "equal to text": lambda: tf.constant([1, 2]) == "a",
    "equal to None": lambda: tf.constant([1, 2]) == None,  # noqa: E711
    "float of one": lambda: float(tf.constant([1.5])),
    "int of float": lambda: int(tf.constant(1.5)),
    "index of a tensor": lambda: [5, 6][tf.constant(1)],
    "range of a tensor": lambda: list(range(tf.constant(2))),
    "len of a scalar": lambda: len(tf.constant(1)),
    "iterate a scalar": lambda: list(tf.constant(1)),
    "round": lambda: round(tf.constant(1.5)),
    "deep copy": lambda: __import__("copy").deepcopy(tf.constant(1)),
    "pickle": lambda: __import__("pickle").loads(__import__("pickle").dumps(tf.constant([1, 2]))),
    # Traced functions.
    "traced/iterate": lambda: _traced(_f(2, 2), "iterate"),
    "traced/bool": lambda: _traced(_f(2, 2), "bool"),
    "traced/numpy": lambda: _traced(_f(2, 2), "numpy"),
    "traced/len": lambda: _traced(_f(2, 2), "len"),
    "traced/NumPy function": lambda: _traced(_f(2, 2), "np"),
    "traced/float": lambda: _traced(_f(2, 2), "float"),
    "traced/signature": lambda: tf.function(lambda x: x, input_signature=[tf.TensorSpec([2], tf.float32)])(_f(3)),
    "traced/missing argument": lambda: tf.function(lambda x, y: x)(_f(1)),
    "traced/variable": lambda: tf.function(lambda: tf.Variable(1.0) + 1.0)(),
    # Arguments.
    "range step 0": lambda: tf.range(0, 1, 0),
    "linspace": lambda: tf.linspace(0, 1, 3),
    "dropout of 2": lambda: tf.nn.dropout(_f(2), 2.0),
    "batch of 0": lambda: list(tf.data.Dataset.range(2).batch(0)),
    "dataset of unequal lengths": lambda: tf.data.Dataset.from_tensor_slices(([1, 2], [1])),
    "get_single_element": lambda: tf.data.Dataset.range(2).get_single_element(),
    "gradient of a used tape": lambda: _used_tape(),
    "load a missing model": lambda: tf.saved_model.load("missing"),
    "decode_image": lambda: tf.io.decode_image(b"no image"),
    "read a missing file": lambda: tf.io.read_file("missing.txt"),
    "check_numerics": lambda: tf.debugging.check_numerics(tf.constant([float("nan")]), "message"),
    "assert_equal": lambda: tf.debugging.assert_equal(1, 2, message="message"),
    "assert_shapes": lambda: tf.debugging.assert_shapes([(_f(2), ("N", "M"))]),
    "device": lambda: tf.device("/nothing:0").__enter__(),
    "keras shapes": lambda: tf.keras.layers.Dense(1)(tf.ones([2])),
    "keras unknown activation": lambda: tf.keras.layers.Dense(1, activation="none such"),
    "keras unknown argument": lambda: tf.keras.layers.Dense(1, size=2),
    "keras optimizer name": lambda: tf.keras.optimizers.get("none such"),
    "keras loss shapes": lambda: tf.keras.losses.MeanSquaredError()(_f(2, 3), _f(2, 2)),
}


def _used_tape():
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    tape.gradient(y, x)
    return tape.gradient(y, x)


for _name, _call in _CALLS.items():
    observe(_name, _call)
