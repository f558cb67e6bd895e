"""What TensorFlow logs when deprecated functions and arguments are used: it has a logger of its own for that."""
# /// skew
# links = ["https://www.tensorflow.org/guide/migrate", "https://www.tensorflow.org/api_docs/python/tf/compat/v1"]
# ///
import logging
import re

import tensorflow as tf
from skew import observe


class _Lines(logging.Handler):
    def __init__(self):
        logging.Handler.__init__(self)
        self.lines = []

    def emit(self, record):
        # Only what is said, without the place that said it and the module that the function is in today.
        line = record.getMessage().strip().split("\n")[0]
        self.lines.append(re.sub(r"^From \S+: | \(from [\w.]+\)", "", line))


def _logged(call):
    """The first lines of what is logged."""
    handler = _Lines()
    logger = tf.compat.v1.logging
    logger.set_verbosity(logger.WARN)
    logging.getLogger("tensorflow").addHandler(handler)
    try:
        call()
    finally:
        logging.getLogger("tensorflow").removeHandler(handler)
    return handler.lines


_x = [[1.0, 2.0], [3.0, 4.0]]
_v1 = tf.compat.v1
_CALLS = {
    "tf.placeholder": lambda: tf.placeholder(tf.float32),
    "tf.to_float": lambda: tf.to_float([1]),
    "v1.to_float": lambda: _v1.to_float([1]),
    "v1.div": lambda: _v1.div(4, 2),
    "v1.arg_max": lambda: _v1.arg_max(_x, 0),
    "v1.argmax dimension=": lambda: _v1.argmax(_x, dimension=0),
    "v1.reduce_sum keep_dims=": lambda: _v1.reduce_sum(_x, keep_dims=True),
    "v1.squeeze squeeze_dims=": lambda: _v1.squeeze([_x], squeeze_dims=[0]),
    "v1.expand_dims dim=": lambda: _v1.expand_dims(_x, dim=0),
    "v1.where": lambda: _v1.where([True, False], [1, 2], [3, 4]),
    "v1.sparse_to_dense": lambda: _v1.sparse_to_dense([0], [2], 1),
    "v1.multinomial": lambda: _v1.multinomial([[0.0, 1.0]], 1),
    "v1.batch_gather": lambda: _v1.batch_gather(_x, [[0], [1]]),
    "v1.py_func": lambda: _v1.py_func(lambda x: x, [1.0], tf.float32),
    "v1.Print": lambda: _v1.Print(tf.constant(1.0), [tf.constant(1.0)]),
    "v1.initialize_all_variables": lambda: _v1.initialize_all_variables(),
    "v1.colocate_with": lambda: _v1.colocate_with(tf.constant(1.0)),
    "v1.nn.softmax_cross_entropy_with_logits": lambda: _v1.nn.softmax_cross_entropy_with_logits(labels=_x, logits=_x),
    "v1.nn.dropout keep_prob=": lambda: _v1.nn.dropout(tf.constant(_x), keep_prob=0.5),
    "v1.nn.softmax dim=": lambda: _v1.nn.softmax(_x, dim=0),
    "v1.layers.dense": lambda: _v1.layers.dense(tf.constant(_x), 1),
    "v1.nn.rnn_cell.LSTMCell": lambda: _v1.nn.rnn_cell.LSTMCell(2),
    "v1.train.get_checkpoint_mtimes": lambda: _v1.train.get_checkpoint_mtimes([]),
    "v1.estimator.RunConfig": lambda: _v1.estimator.RunConfig(),
    "data.experimental.unbatch": lambda: tf.data.experimental.unbatch(),
    "data.experimental.map_and_batch": lambda: tf.data.experimental.map_and_batch(lambda x: x, 2),
    "data.experimental.Counter": lambda: tf.data.experimental.Counter(),
    "data.experimental.choose_from_datasets": lambda: tf.data.experimental.choose_from_datasets(
        [tf.data.Dataset.range(2)], tf.data.Dataset.range(1)
    ),
    "data.experimental.parallel_interleave": lambda: tf.data.experimental.parallel_interleave(lambda x: x, 2),
    "data.experimental.take_while": lambda: tf.data.experimental.take_while(lambda x: True),
    "data.experimental.unique": lambda: tf.data.experimental.unique(),
    "data.experimental.save": lambda: tf.data.experimental.save(tf.data.Dataset.range(2), "dataset"),
    "data.experimental.dense_to_ragged_batch": lambda: tf.data.experimental.dense_to_ragged_batch(2),
    "data.experimental.get_single_element": lambda: tf.data.experimental.get_single_element(tf.data.Dataset.range(1)),
    "config.experimental_run_functions_eagerly": lambda: tf.config.experimental_run_functions_eagerly(False),
    "map_fn back_prop=": lambda: tf.map_fn(lambda x: x, tf.constant([1.0]), back_prop=False),
    "while_loop back_prop=": lambda: tf.while_loop(lambda i: i < 1, lambda i: [i + 1], [0], back_prop=False),
    "scan back_prop=": lambda: tf.scan(lambda a, x: a + x, tf.constant([1.0]), back_prop=False),
    "random.stateless_multinomial": lambda: tf.random.stateless_multinomial([[0.0, 1.0]], 1, [1, 2]),
    "feature_column.numeric_column": lambda: tf.feature_column.numeric_column("a"),
    "Tensor.experimental_ref": lambda: tf.constant(1.0).experimental_ref(),
    "Variable.initialized_value": lambda: tf.Variable(1.0).initialized_value(),
    "Variable.load": lambda: tf.Variable(1.0).load(2.0),
    "keras.backend.learning_phase": lambda: tf.keras.backend.learning_phase(),
    "keras.experimental.CosineDecay": lambda: tf.keras.experimental.CosineDecay(0.1, 10),
    "keras.optimizers.Adam lr=": lambda: tf.keras.optimizers.Adam(lr=0.1),
    "keras.optimizers.SGD decay=": lambda: tf.keras.optimizers.SGD(decay=0.1),
    "keras.optimizers.legacy.Adam": lambda: tf.keras.optimizers.legacy.Adam(),
    "keras.layers.experimental.preprocessing": lambda: tf.keras.layers.experimental.preprocessing.Rescaling(0.5),
    "keras.layers.LeakyReLU alpha=": lambda: tf.keras.layers.LeakyReLU(alpha=0.1),
    "keras.layers.Dense input_shape=": lambda: tf.keras.layers.Dense(1, input_shape=(2,)),
    "keras.layers.LSTM implementation=0": lambda: tf.keras.layers.LSTM(1, implementation=0),
    "keras.initializers twice": lambda: [tf.keras.initializers.GlorotUniform()([2, 2]) for _ in range(2)],
}
for _name, _call in _CALLS.items():
    observe(_name, lambda: _logged(_call))
