"""The number generator of golden-random.ts, and summaries of tensors that fit into JSON."""

import numpy as np


def golden(name, shape, low, high, seed=0):
    """Numbers in [low, high) that follow from name and seed alone, float32 values as float64."""
    state = 0x811C9DC5
    for byte in name.encode():
        state = ((state ^ byte) * 0x01000193) & 0xFFFFFFFF
    state ^= seed
    size = int(np.prod(shape))
    index = np.arange(1, size + 1, dtype=np.uint64)
    a = (np.uint64(state) + index * np.uint64(0x6D2B79F5)).astype(np.uint32)
    t = (a ^ (a >> np.uint32(15))) * (a | np.uint32(1))
    t ^= t + (t ^ (t >> np.uint32(7))) * (t | np.uint32(61))
    unit = (t ^ (t >> np.uint32(14))).astype(np.float64) / 2**32
    return (low + (high - low) * unit).astype(np.float32).astype(np.float64).reshape(shape)


def summary(tensor, count):
    """Norm, and up to `count` values at even distances: [[index, value], ...]."""
    flat = tensor.detach().double().reshape(-1)
    places = sorted({i * (flat.numel() - 1) // max(1, count - 1) for i in range(count)})
    return {
        "shape": list(tensor.shape),
        "norm": float(flat.norm()),
        "samples": [[i, float(flat[i])] for i in places],
    }
