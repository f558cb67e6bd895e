"""Bit generators and seed sequences: raw streams, states, jumps and spawned children."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/random/bit_generators/index.html",
#     "https://numpy.org/doc/stable/release/1.21.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.25.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_SEQUENCE = np.random.SeedSequence
for _name in ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"]:
    _make = lambda seed=7: getattr(np.random, _name)(seed)  # noqa: E731
    observe(_name + " raw", lambda: _make().random_raw(4))
    observe(_name + " of large seed", lambda: _make(2**70).random_raw(2))
    observe(_name + " jumped", lambda: _make().jumped().random_raw(2))
    observe(_name + " advance", lambda: _make().advance(1000).random_raw(2))
    observe(_name + " state keys", lambda: sorted(_make().state))
    observe(_name + " normal", lambda: np.random.Generator(_make()).standard_normal(3))
    observe(_name + " integers", lambda: np.random.Generator(_make()).integers(0, 100, 4))
    observe(_name + " spawn", lambda: [child.random_raw() for child in _make().spawn(2)])
    observe(_name + " seed_seq", lambda: _make().seed_seq.entropy)
    observe(_name + " pickled", lambda: __import__("pickle").loads(__import__("pickle").dumps(_make())).random_raw())


def _restored(state):
    bits = np.random.PCG64(1)
    bits.state = state
    return bits.random_raw(2)


observe("PCG64 state", lambda: np.random.PCG64(7).state["state"])
observe("PCG64 restored", lambda: _restored(np.random.PCG64(7).state))
observe("PCG64 restored from another", lambda: _restored(np.random.SFC64(7).state))
# skew: allow random, it is seeded in the next breath
observe("MT19937 legacy seeding", lambda: np.random.MT19937()._legacy_seeding(7))
observe("MT19937 key", lambda: np.random.MT19937(7).state["state"]["key"][:3])
observe("Philox counter and key", lambda: np.random.Philox(counter=1, key=2).random_raw(2))
observe("Philox negative key", lambda: np.random.Philox(key=-1))
observe("PCG64 of float", lambda: np.random.PCG64(1.5))
observe("PCG64 cffi-free interface", lambda: type(np.random.PCG64(7).ctypes).__name__)
observe("SeedSequence state", lambda: _SEQUENCE(7).generate_state(4))
observe("SeedSequence state 64", lambda: _SEQUENCE(7).generate_state(2, np.uint64))
observe("SeedSequence of a list", lambda: _SEQUENCE([1, 2, 2**40]).generate_state(2))
observe("SeedSequence of text", lambda: _SEQUENCE("0x10").generate_state(2))
observe("SeedSequence spawn_key", lambda: _SEQUENCE(7, spawn_key=(1, 2)).generate_state(2))
observe("SeedSequence spawn", lambda: [child.generate_state(1)[0] for child in _SEQUENCE(7).spawn(3)])
observe("SeedSequence repr", lambda: repr(_SEQUENCE(7).spawn(2)[1]))
observe("SeedSequence pool_size", lambda: _SEQUENCE(7, pool_size=8).generate_state(2))
observe("get_bit_generator", lambda: type(np.random.get_bit_generator()).__name__)
