"""Runs network descriptions (src-core/network/description.ts) with PyTorch in double precision: a second implementation.

Input, JSON: [{"description", "parameters": [{"name", "kind", "shape"}], "pictures"}]. Every tensor is generated from its name
(golden-random.ts; ranges as in golden-network.ts). Output, JSON, for each: summaries of the predictions in evaluation mode ("evaluated") and in training mode ("trained"), of
the gradient of sum(offsets * G_offsets + scores * G_scores) in training mode by parameter, and of the running statistics after it.
"""

import json
import sys

import torch
import torch.nn.functional as F
from golden_random import golden, summary

SAMPLES = 48
ACTIVATIONS = {"relu": F.relu, "relu6": F.relu6, "hardSwish": F.hardswish, "hardSigmoid": F.hardsigmoid}


def range_of(name, kind, shape):
    if kind == "kernel":
        limit = (6 / (shape[1] * shape[2] * shape[3])) ** 0.5
        return -limit, limit
    if kind == "batchNorm":
        return (0.9, 1.1) if name.endswith(".weight") else (-0.05, 0.05)
    return {"bias": (-0.05, 0.05), "scale": (19, 21), "runningMean": (-0.1, 0.1), "runningVariance": (0.8, 1.2)}[kind]


def generated(name, kind, shape):
    return torch.from_numpy(golden(name, shape, *range_of(name, kind, shape)))


def convolution(layer, x, own):
    groups = layer["filters"] if layer["depthwise"] else 1
    shape = {"stride": layer["stride"], "padding": tuple(layer["padding"]), "dilation": layer["dilation"]}
    return F.conv2d(x, own("weight"), own("bias") if layer["bias"] else None, groups=groups, **shape)


def batch_norm(layer, x, own, training):
    statistics = own("running_mean"), own("running_var")
    return F.batch_norm(x, *statistics, own("weight"), own("bias"), training, layer["momentum"], layer["epsilon"])


def l2_norm(x, scale):
    return x / (x.square().sum(1, keepdim=True) + 1e-10).sqrt() * scale.view(1, -1, 1, 1)


def run_layer(layer, maps, own, training):
    inputs = [maps[name] for name in layer.get("inputs", [layer.get("input")])]
    x = inputs[0]
    match layer["op"]:
        case "convolution":
            return convolution(layer, x, own)
        case "batchNorm":
            return batch_norm(layer, x, own, training)
        case "activation":
            return ACTIVATIONS[layer["kind"]](x)
        case "maxPool":
            return F.max_pool2d(x, layer["kernel"], layer["stride"], layer["padding"], ceil_mode=layer["ceil"])
        case "l2Norm":
            return l2_norm(x, own("weight"))
        case "scaledAdd":
            return layer["scale"] * x + inputs[1]
        case "concat":
            return torch.cat(inputs, 1)
        case "resize":
            size = maps[layer["like"]].shape[2:]
            return F.interpolate(x, size, mode="bilinear", align_corners=True)
        case "globalAveragePool":
            return F.adaptive_avg_pool2d(x, 1)
        case "multiply":
            return x * inputs[1]
        case op:
            raise ValueError(f"no such layer: {op}")


def rows(head, columns):
    """[N, k * columns, h, w] to [N, h * w * k, columns]."""
    return head.permute(0, 2, 3, 1).reshape(head.shape[0], -1, columns)


def forward(description, weights, pictures, training):
    maps = {"input": pictures}
    for layer in description["layers"]:
        name = layer["name"]
        maps[name] = run_layer(layer, maps, lambda part: weights[f"{name}.{part}"], training)
    sources = description["sources"]
    offsets = torch.cat([rows(maps[source["localisation"]], 4) for source in sources], 1)
    scores = torch.cat([rows(maps[source["confidence"]], description["classes"]) for source in sources], 1)
    return offsets, scores


def evaluate(case):
    description = case["description"]
    weights = {p["name"]: generated(**p) for p in case["parameters"]}
    size = description["input"]["height"], description["input"]["width"]
    pictures = torch.from_numpy(golden("input", (case["pictures"], *size, 3), -1, 1)).permute(0, 3, 1, 2)
    with torch.no_grad():
        evaluated = forward(description, weights, pictures, training=False)
    learned = {name: tensor for name, tensor in weights.items() if ".running_" not in name}
    for tensor in learned.values():
        tensor.requires_grad_()
    trained = forward(description, weights, pictures, training=True)
    upstream = [torch.from_numpy(golden(n, tuple(t.shape), -1, 1)) for n, t in zip(("offsets", "scores"), trained)]
    torch.autograd.backward(trained, upstream)
    return {
        "version": torch.__version__.split("+")[0],
        "evaluated": [summary(tensor, SAMPLES) for tensor in evaluated],
        "trained": [summary(tensor, SAMPLES) for tensor in trained],
        "gradients": {name: summary(tensor.grad, SAMPLES) for name, tensor in learned.items()},
        "statistics": {name: summary(tensor, SAMPLES) for name, tensor in weights.items() if ".running_" in name},
    }


torch.set_num_threads(1)
print(json.dumps([evaluate(case) for case in json.load(sys.stdin)]))
