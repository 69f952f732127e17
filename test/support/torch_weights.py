"""Weight files written and read by PyTorch itself.

Input, JSON: {"save": folder} writes one file of every kind into the folder; {"load": path} opens a state dict with
torch.load(weights_only=True), {"loadSafetensors": path} a safetensors file with the package of that name or, where it is absent, with numpy.
Output, JSON: for "save" {file: {"metadata", "tensors"}}, for the others tensors: [{"name", "shape", "dtype", "values"}].
"""

import json
import os
import struct
import sys
from collections import OrderedDict

import numpy as np
import torch

DTYPES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint8": "U8",
    "bool": "BOOL",
}


def told(tensors):
    return [
        {
            "name": name,
            "shape": list(tensor.shape),
            "dtype": DTYPES[str(tensor.dtype).split(".")[-1]],
            "values": tensor.detach().float().contiguous().reshape(-1).tolist(),
        }
        for name, tensor in tensors.items()
    ]


def every_kind():
    base = torch.randn(6, 5)
    wide = torch.randn(40, 50)
    table = OrderedDict()
    table["float32"] = torch.randn(2, 3, 3, 3)
    for dtype in ("float64", "float16", "bfloat16"):
        table[dtype] = (torch.randn(11) * 100).to(getattr(torch, dtype))
    table["tiny half"] = torch.tensor([6e-8, -6e-5, 65504.0], dtype=torch.float16)
    for dtype in ("int64", "int32", "int16", "int8", "uint8"):
        table[dtype] = torch.arange(7).to(getattr(torch, dtype))
    table["negative"] = torch.tensor([-(2**40), -1])
    table["bool"] = torch.tensor([True, False, True])
    table["scalar"] = torch.tensor(7)
    table["empty"] = torch.zeros(0, 3)
    table["parameter"] = torch.nn.Parameter(torch.randn(2, 2))
    table["shared"] = base
    table["shared, transposed"] = base.t()
    table["shared, a row"] = base[2]
    table["shared, a column"] = base[:, 3]
    table["shared, every second"] = base[::2, 1::2]
    table["expanded"] = torch.randn(3, 1).expand(3, 4)
    table["channels last"] = torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    table["unfolded"] = wide.unfold(1, 3, 2)
    return table


def checkpoint():
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.randn(2, 3, 8, 8)).sum().backward()
    optimizer.step()
    table = model.state_dict()
    whole = {
        "epoch": 3,
        "best": np.float64(0.5),
        "size": torch.Size([300, 300]),
        "device": torch.device("cpu"),
        "names": {"a", "b"},
        "optimizer": optimizer.state_dict(),
        "state_dict": table,
    }
    return whole, table


def save(folder):
    torch.manual_seed(1)
    files = {}

    def add(name, content, table, metadata, **options):
        torch.save(content, os.path.join(folder, name), **options)
        files[name] = {"metadata": metadata, "tensors": told(table)}

    legacy = {"_use_new_zipfile_serialization": False}
    table = every_kind()
    add("zip.pt", table, table, {})
    add("legacy.pt", table, table, {}, **legacy)
    whole, table = checkpoint()
    metadata = {"container": "state_dict", "ignored": "epoch, best, size, device, names, optimizer"}
    for protocol in (2, 3, 4, 5):
        add(f"checkpoint-{protocol}.pt", whole, table, metadata, pickle_protocol=protocol)
    for protocol in (1, 2, 4, 5):
        add(f"legacy-checkpoint-{protocol}.pt", whole, table, metadata, pickle_protocol=protocol, **legacy)
    two = {"model": {"backbone": {f"w{i}": torch.randn(i) for i in range(5)}}, "lr": torch.tensor(0.1)}
    add("deep.pt", two, two["model"]["backbone"], {"container": "model.backbone", "ignored": "lr"})
    try:
        torch.serialization.set_crc32_options(False)
        add("no-checksums.pt", table, table, {})
    finally:
        torch.serialization.set_crc32_options(True)

    model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3))
    torch.save(model, os.path.join(folder, "whole-model.pt"))
    torch.save(model, os.path.join(folder, "whole-model-legacy.pt"), **legacy)
    torch.save({"x": torch.zeros(2, dtype=torch.complex64)}, os.path.join(folder, "complex.pt"))
    torch.save({"x": torch.zeros(2, dtype=torch.uint16)}, os.path.join(folder, "uint16.pt"))
    torch.save([torch.zeros(2)], os.path.join(folder, "list.pt"))
    torch.save(torch.zeros(2), os.path.join(folder, "tensor.pt"))
    torch.save({"x": torch.zeros(2).to_sparse()}, os.path.join(folder, "sparse.pt"))
    torch.jit.trace(model, torch.zeros(1, 3, 8, 8)).save(os.path.join(folder, "script.pt"))
    return files


def load_safetensors(path):
    try:
        from safetensors.torch import load_file

        return told(load_file(path))
    except ImportError:
        with open(path, "rb") as file:
            content = file.read()
        (length,) = struct.unpack("<Q", content[:8])
        header = json.loads(content[8 : 8 + length])
        header.pop("__metadata__", None)
        types = {"F32": "<f4", "I64": "<i8"}
        tensors = {}
        for name, entry in header.items():
            start, end = (8 + length + at for at in entry["data_offsets"])
            values = np.frombuffer(content[start:end], types[entry["dtype"]]).reshape(entry["shape"])
            tensors[name] = torch.from_numpy(values.copy())
        return told(tensors)


request = json.load(sys.stdin)
if "save" in request:
    answer = save(request["save"])
elif "load" in request:
    answer = told(torch.load(request["load"], weights_only=True))
else:
    answer = load_safetensors(request["loadSafetensors"])
json.dump(answer, sys.stdout)
