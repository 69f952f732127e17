"""Runs the program that the Export screen shows for an exported weight file. Standard input {folder, program, size}; standard
output {name: SHA-256 of the tensor's bytes}. With `size` [height, width], where the program has built `model`: the raw answers
of torchvision's heads to input.f32 (NHWC), and its default boxes, are written beside as regression, classification and
anchors.f32.
"""

import contextlib
import hashlib
import json
import os
import sys

import numpy as np
import torch


def answers(model, height, width):
    from torchvision.models.detection.image_list import ImageList

    pixels = np.fromfile('input.f32', np.float32).reshape(1, height, width, 3)
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()
    with torch.no_grad():
        features = list(model.backbone(x).values())
        heads = model.head(features)
    anchors = model.anchor_generator(ImageList(x, [(height, width)]), features)[0]
    for name, values in (
        ('regression', heads['bbox_regression']),
        ('classification', heads['cls_logits']),
        ('anchors', anchors),
    ):
        values.numpy().astype(np.float32).tofile(f'{name}.f32')


request = json.load(sys.stdin)
os.chdir(request['folder'])
known = {}
with contextlib.redirect_stdout(sys.stderr):
    exec(request['program'], known)
if request['size']:
    answers(known['model'], *request['size'])
print(json.dumps({name: hashlib.sha256(w.numpy().tobytes()).hexdigest() for name, w in known['weights'].items()}))
