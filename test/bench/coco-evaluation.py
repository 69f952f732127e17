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
    read, used = time.perf_counter(), time.process_time()
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    end, processor = time.perf_counter(), time.process_time() - used
stats = [float(value) for value in evaluation.stats]
times = {"reading": read - start, "evaluation": end - read, "evaluationProcessor": processor}
print(json.dumps({**{name: round(seconds, 3) for name, seconds in times.items()}, "stats": stats}))
