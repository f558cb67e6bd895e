"""What the transformations of datasets give for arrays: batches, windows, shuffles, mixtures."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/data/Dataset",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.11.0",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_Dataset = tf.data.Dataset


def _six():
    return _Dataset.range(6)


def _pieces():
    return _Dataset.from_tensor_slices(np.array([1, 3, 2])).map(lambda n: tf.fill([n], n))


CASES = {
    "batch of zero": lambda: _six().batch(0),
    "batch deterministic=": lambda: _six().batch(4, num_parallel_calls=1, deterministic=True),
    "padded_batch value of another dtype": lambda: _pieces().padded_batch(2, [4], np.float32(-1)),
    "ragged_batch": lambda: _pieces().ragged_batch(2).map(lambda ragged: ragged.to_tensor()),
    "batch": lambda: _six().batch(4), "unbatch": lambda: _six().batch(2).unbatch(),
    "shuffle twice": lambda: _six().shuffle(6, seed=5, reshuffle_each_iteration=True).repeat(2),
    "zip": lambda: _Dataset.zip((_six(), _pieces())), "cache": lambda: _six().cache(),
    "interleave": lambda: _Dataset.range(3).interleave(lambda n: _Dataset.range(n), cycle_length=2, block_length=1),
    "flat_map arrays": lambda: _Dataset.range(2).flat_map(lambda n: _Dataset.from_tensor_slices(np.ones(2))),
    "map n + np.float32": lambda: _Dataset.range(2).map(lambda n: n + np.float32(1)),
    "map n + np.int32": lambda: _Dataset.range(2).map(lambda n: n + np.int32(1)),
    "filter": lambda: _six().filter(lambda n: n % 2 == 0), "filter of int": lambda: _six().filter(lambda n: n % 2),
    "zip without tuple": lambda: _Dataset.zip(_six(), _six()), "rebatch": lambda: _six().batch(2).rebatch(3),
    "unique": lambda: _Dataset.from_tensor_slices(np.array([1, 2, 1])).unique(),
    "scan": lambda: _six().scan(np.int64(0), lambda state, n: (state + n, state)),
    "sample_from_datasets": lambda: _Dataset.sample_from_datasets([_six(), _six().skip(3)], weights=[0.5, 0.5], seed=7),
    "choose_from_datasets": lambda: _Dataset.choose_from_datasets([_six(), _six()], _Dataset.range(2).repeat(2)),
    "random rerandomize": lambda: _Dataset.random(seed=4, rerandomize_each_iteration=False).take(3),
    "save and load": lambda: (_six().save("saved"), _Dataset.load("saved"))[1],
}
for _name, _make in CASES.items():
    observe(_name, lambda: list(_make().as_numpy_iterator()))
for _name in ["batch", "filter", "interleave", "flat_map arrays", "unbatch", "shuffle twice", "zip", "cache"]:
    observe(f"cardinality {_name}", lambda: int(tf.data.experimental.cardinality(CASES[_name]())))
observe("reduce", lambda: _six().reduce(np.int64(0), lambda total, n: total + n))
observe("batch drop_remainder spec", lambda: str(_six().batch(4, drop_remainder=True).element_spec))
observe("repr", lambda: repr(_six()))
del CASES
