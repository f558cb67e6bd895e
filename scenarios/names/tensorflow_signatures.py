"""Names of the parameters of much used functions of TensorFlow and Keras: `=` marks a default, `*` keyword-only."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf",
#     "https://keras.io/guides/migrating_to_keras_3/",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.16.1",
# ]
# ///
import inspect

import tensorflow as tf
from skew import observe

_FUNCTIONS = """
argsort cast compat.v1.placeholder compat.v1.Session.__init__ constant convert_to_tensor data.Dataset.batch
data.Dataset.from_generator data.Dataset.interleave data.Dataset.map data.Dataset.padded_batch data.Dataset.prefetch
data.Dataset.shuffle data.Dataset.zip einsum function gather GradientTape.__init__ GradientTape.gradient image.resize
io.parse_example keras.callbacks.EarlyStopping.__init__ keras.callbacks.ModelCheckpoint.__init__
keras.callbacks.TensorBoard.__init__ keras.Input keras.layers.BatchNormalization.__init__ keras.layers.Conv2D.__init__
keras.layers.Dense.__init__ keras.layers.Dropout.__init__ keras.layers.Embedding.__init__
keras.layers.InputLayer.__init__ keras.layers.Lambda.__init__ keras.layers.Layer.__init__ keras.layers.Layer.add_weight
keras.layers.LayerNormalization.__init__ keras.layers.LeakyReLU.__init__ keras.layers.LSTM.__init__
keras.layers.MultiHeadAttention.__init__ keras.layers.Normalization.__init__ keras.layers.TextVectorization.__init__
keras.losses.BinaryCrossentropy.__init__ keras.losses.SparseCategoricalCrossentropy.__init__ keras.metrics.AUC.__init__
keras.metrics.MeanIoU.__init__ keras.metrics.Metric.add_weight keras.Model.compile keras.Model.export keras.Model.fit
keras.Model.predict keras.Model.save keras.Model.summary keras.models.load_model keras.models.save_model
keras.optimizers.Adam.__init__ keras.optimizers.Optimizer.__init__ keras.optimizers.Optimizer.apply_gradients
keras.optimizers.schedules.ExponentialDecay.__init__ keras.optimizers.SGD.__init__ keras.Sequential.__init__
keras.utils.get_file keras.utils.image_dataset_from_directory keras.utils.to_categorical map_fn math.confusion_matrix
math.reduce_std nn.avg_pool nn.conv2d nn.ctc_loss nn.dropout nn.embedding_lookup nn.gelu nn.max_pool
nn.softmax_cross_entropy_with_logits nn.sparse_softmax_cross_entropy_with_logits py_function random.normal
random.stateless_normal random.uniform range reduce_mean reduce_sum saved_model.load saved_model.save sparse.to_dense
Tensor.__init__ TensorSpec.__init__ train.Checkpoint.__init__ Variable.__init__ Variable.assign vectorized_map where
while_loop zeros zeros_like
"""


def _signature(path):
    function = tf
    for part in path.split("."):
        function = getattr(function, part)
    words, before = [], None
    for name, parameter in inspect.signature(function).parameters.items():
        keywords = parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL
        if parameter.kind == parameter.KEYWORD_ONLY and before not in keywords:
            words.append("*")
        if before == parameter.POSITIONAL_ONLY != parameter.kind:
            words.append("/")
        stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        words.append(stars + name + ("" if parameter.default is parameter.empty else "="))
        before = parameter.kind
    return ", ".join(words + ["/"] if before == inspect.Parameter.POSITIONAL_ONLY else words)


for _path in _FUNCTIONS.split():
    observe("tf.%s" % _path, lambda: _signature(_path))
