"""Answers requests with the handler of the published Hugging Face serving toolkit, in the way its model server does.

`python toolkit.py MODEL_FOLDER`, then on standard input a request a line (JSON: `{"body": …, "type": …}`); on standard
output one answer a line: `{"status": …, "body": …, "type": …, "seconds": …}`.
"""

from __future__ import annotations

import json
import sys
import time

import transformers.file_utils

# Of TensorFlow the toolkit asks transformers, which has forgotten it with its version 5.
transformers.file_utils.is_tf_available = lambda: False

from mms.context import Context, RequestProcessor  # noqa: E402
from mms.metrics.metrics_store import MetricsStore  # noqa: E402
from mms.service import PredictionException  # noqa: E402
from sagemaker_huggingface_inference_toolkit.handler_service import HuggingFaceHandlerService  # noqa: E402


def main() -> None:
    folder = sys.argv[1]
    context = Context("model", folder, {}, 1, None, "1")
    service = HuggingFaceHandlerService()
    service.initialize(context)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        processor = RequestProcessor({"Content-Type": request.get("type", "application/json")})
        context.request_processor = [processor]
        context.metrics = MetricsStore({}, "model")
        began = time.perf_counter()
        try:
            (body,) = service.handle([{"body": request["body"].encode("utf-8")}], context)
            answer = {"status": 200, "body": body, "type": processor.get_response_header("content-type")}
        except PredictionException as error:
            answer = {"status": error.error_code, "body": error.message}
        print(json.dumps({**answer, "seconds": time.perf_counter() - began}), flush=True)


main()
