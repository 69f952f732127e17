"""usage: coco-evaluation.py TRUTH DETECTIONS: pycocotools' time in seconds and its twelve numbers, as JSON."""

import contextlib
import io
import json
import sys
import time

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

with contextlib.redirect_stdout(io.StringIO()):
    start = time.perf_counter()
    truth = COCO(sys.argv[1])
    evaluation = COCOeval(truth, truth.loadRes(sys.argv[2]), "bbox")
    read = time.perf_counter()
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    end = time.perf_counter()
stats = [float(value) for value in evaluation.stats]
print(json.dumps({"reading": round(read - start, 3), "evaluation": round(end - read, 3), "stats": stats}))
