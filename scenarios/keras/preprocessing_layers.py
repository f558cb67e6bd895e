"""Layers that prepare data: scaling, vocabularies, text, categories, seeded image augmentation."""
# /// skew
# when = "tensorflow >= 2.0"
# links = [
#     "https://keras.io/api/layers/preprocessing_layers/",
#     "https://numpy.org/neps/nep-0051-scalar-representation.html",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe


def _layer(name):
    # Until TensorFlow 2.6 these layers were experimental.
    if hasattr(tf.keras.layers, name):
        return getattr(tf.keras.layers, name)
    return getattr(tf.keras.layers.experimental.preprocessing, name)


def _adapted(name, data, **arguments):
    layer = _layer(name)(**arguments)
    layer.adapt(data)
    return layer


_words = np.array(["b", "a", "b", "c"])
_lookup = {"vocabulary": ["a", "b"]}
_columns = np.array([[1, 10], [3, 30]], np.float32)
_image = np.arange(32, dtype=np.float32).reshape(1, 4, 4, 2)
CASES = {
    "Normalization given": lambda: _layer("Normalization")(mean=2.0, variance=4.0)(_columns),
    "StringLookup vocabulary": lambda: _layer("StringLookup")(**_lookup).get_vocabulary(),
    "StringLookup vocabulary types": lambda: repr(_layer("StringLookup")(**_lookup).get_vocabulary()),
    "StringLookup adapted": lambda: repr(_adapted("StringLookup", _words).get_vocabulary()),
    "StringLookup of array": lambda: _layer("StringLookup")(**_lookup)(np.array(["b", "z"])),
    "StringLookup of list": lambda: _layer("StringLookup")(**_lookup)(["b", "z"]),
    "StringLookup of bytes": lambda: _layer("StringLookup")(**_lookup)(np.array([b"b", b"z"])),
    "StringLookup one_hot": lambda: _layer("StringLookup")(output_mode="one_hot", **_lookup)(np.array(["b", "z"])),
    "StringLookup multi_hot": lambda: _layer("StringLookup")(
        output_mode="multi_hot", **_lookup)(np.array([["b", "z"]])),
    "StringLookup no oov": lambda: _layer("StringLookup")(num_oov_indices=0, **_lookup)(np.array(["z"])),
    "StringLookup array vocabulary": lambda: _layer("StringLookup")(vocabulary=np.array(["a", "b"]))(np.array(["b"])),
    "StringLookup vocabulary_size": lambda: _layer("StringLookup")(**_lookup).vocabulary_size(),
    "IntegerLookup": lambda: _layer("IntegerLookup")(vocabulary=[10, 20])(np.array([20, 99])),
    "IntegerLookup vocabulary": lambda: repr(_layer("IntegerLookup")(vocabulary=np.array([10, 20])).get_vocabulary()),
    "IntegerLookup float vocabulary": lambda: _layer("IntegerLookup")(vocabulary=[1.5])(np.array([1])),
    "TextVectorization adapted": lambda: repr(_adapted("TextVectorization", _words).get_vocabulary()),
    "CategoryEncoding one_hot": lambda: _layer("CategoryEncoding")(
        num_tokens=3, output_mode="one_hot")(np.array([2, 0])),
    "CategoryEncoding multi_hot": lambda: _layer("CategoryEncoding")(num_tokens=3)(np.array([[2, 0]])),
    "CategoryEncoding count": lambda: _layer("CategoryEncoding")(
        num_tokens=3, output_mode="count")(np.array([[2, 2, 0]])),
    "CategoryEncoding count_weights": lambda: _layer("CategoryEncoding")(
        num_tokens=3, output_mode="count")(np.array([[2, 2]]), count_weights=np.array([[0.5, 1.0]])),
    "CategoryEncoding out of range": lambda: _layer("CategoryEncoding")(num_tokens=2)(np.array([[2, 0]])),
    "Discretization": lambda: _layer("Discretization")(bin_boundaries=[0.0, 1.0])(np.array([-1.0, 0.0, 0.5, 1.0])),
    "Hashing": lambda: _layer("Hashing")(num_bins=5)(np.array(["a", "b", "c"])),
    "HashedCrossing": lambda: _layer("HashedCrossing")(5)((np.array(["a", "b"]), np.array([1, 2]))),
    "CenterCrop larger": lambda: tuple(_layer("CenterCrop")(8, 8)(_image).shape),
    "RandomFlip": lambda: _layer("RandomFlip")(seed=3)(_image, training=True),
    "RandomRotation": lambda: _layer("RandomRotation")(0.25, seed=3)(_image, training=True),
}
for _name, _case in CASES.items():
    observe(_name, _case)
del CASES
