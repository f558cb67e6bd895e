"""TensorFlow's stateful random operations after a global seed, with and without seeds of their own."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/random/set_seed",
#     "https://www.tensorflow.org/api_docs/python/tf/random/Generator",
#     "https://www.tensorflow.org/guide/random_numbers",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe


def _seeded(function, seed=7):
    """In a graph the seed has to be set in the graph, and counts its operations: each gets one of its own."""
    if tf.executing_eagerly():
        tf.random.set_seed(seed)
        return function()
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(seed)
        value = function()
        with tf.compat.v1.Session() as session:
            return session.run(value)


_OPERATIONS = {
    "uniform": lambda **seed: tf.random.uniform([4], **seed),
    "uniform of int": lambda **seed: tf.random.uniform([4], maxval=100, dtype=tf.int32, **seed),
    "uniform float64": lambda **seed: tf.random.uniform([4], dtype=tf.float64, **seed),
    "normal": lambda **seed: tf.random.normal([4], **seed),
    "normal float16": lambda **seed: tf.random.normal([4], dtype=tf.float16, **seed),
    "normal bfloat16": lambda **seed: tf.random.normal([4], dtype=tf.bfloat16, **seed),
    "truncated_normal": lambda **seed: tf.random.truncated_normal([4], **seed),
    "gamma": lambda **seed: tf.random.gamma([4], 2.0, **seed),
    "poisson": lambda **seed: tf.random.poisson([4], 3.0, **seed),
    "categorical": lambda **seed: tf.random.categorical(np.log([[0.2, 0.8]]), 6, **seed),
    "shuffle": lambda **seed: tf.random.shuffle(tf.range(8), **seed),
    "uniform_candidate_sampler": lambda **seed: tf.random.uniform_candidate_sampler(np.array([[0]]), 1, 3, True, 9,
        **seed)[0],
    "log_uniform_candidate_sampler": lambda **seed: tf.random.log_uniform_candidate_sampler(np.array([[0]]), 1, 3,
        True, 9, **seed)[0],
    "dropout": lambda **seed: tf.nn.dropout(tf.ones([8]), rate=0.5, **seed),
    "random_crop": lambda **seed: tf.image.random_crop(tf.range(9), [3], **seed),
    "random_brightness": lambda **seed: tf.image.random_brightness(tf.ones([1, 1, 3]), 0.5, **seed),
}
for _name, _operation in _OPERATIONS.items():
    observe(_name + " by the global seed", lambda: _seeded(_operation))
    observe(_name + " by both seeds", lambda: _seeded(lambda: _operation(seed=3)))
_CASES = {
    "dropout of rate 1": lambda: tf.nn.dropout(tf.ones([2]), rate=1.0),
    "dropout of int": lambda: tf.nn.dropout(tf.ones([2], tf.int32), rate=0.5),
    "alpha_dropout layer": lambda: tf.keras.layers.AlphaDropout(0.5, seed=3)(tf.ones([1, 4]), training=True),
    "dropout layer": lambda: tf.keras.layers.Dropout(0.5, seed=3)(tf.ones([1, 8]), training=True),
    "gaussian_noise layer": lambda: tf.keras.layers.GaussianNoise(0.5, seed=3)(tf.ones([1, 4]), training=True),
    "keras random normal": lambda: tf.keras.random.normal([3], seed=3),
    "keras set_random_seed": lambda: [tf.keras.utils.set_random_seed(3), np.random.rand(2), tf.random.uniform([2])],
    "dataset shuffled twice": lambda: [
        [int(x) for x in data] for data in [tf.data.Dataset.range(6).shuffle(6, seed=3)] for _ in range(2)],
    "random dataset": lambda: [int(x) for x in tf.data.Dataset.random(seed=3).take(3)],
    "sample_from_datasets": lambda: [int(x) for x in tf.data.Dataset.sample_from_datasets(
        [tf.data.Dataset.range(3), tf.data.Dataset.range(10, 13)], seed=3)],
    "v1 get_seed": lambda: tf.compat.v1.get_seed(3),
    "experimental numpy rand": lambda: [tf.experimental.numpy.random.seed(3), tf.experimental.numpy.random.rand(3)][1],
    "experimental numpy randn": lambda: [tf.experimental.numpy.random.seed(3),
        tf.experimental.numpy.random.randn(3)][1],
}
for _name, _case in _CASES.items():
    observe(_name, lambda: _seeded(_case))
observe("seed of numpy int", lambda: _seeded(lambda: tf.random.normal([2]), np.int64(7)))
observe("seed of float", lambda: _seeded(lambda: tf.random.normal([2]), 7.5))
observe("seed negative", lambda: _seeded(lambda: tf.random.normal([2]), -7))
observe("seed of 64 bits", lambda: _seeded(lambda: tf.random.normal([2]), 2**40))
