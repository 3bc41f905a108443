"""A SageMaker serving container's HTTP server: GET /ping and POST /invocations around a model's inference script.

Run with the path of the Unix socket to listen on and the model's folder (a container's /opt/ml/model). The script is
code/inference.py there, unless SAGEMAKER_PROGRAM and SAGEMAKER_SUBMIT_DIRECTORY say otherwise. Its hooks, as
SageMaker's serving toolkits call them: model_fn, and transform_fn or input_fn, predict_fn and output_fn.

Neither request nor answer is ever printed; of an exception, its kind and place.
"""

import importlib.util
import json
import os
import socketserver
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler
from pathlib import Path

DEFAULT_ACCEPT = "application/json"


class RequestError(Exception):
    """A request that is answered with a status of its own."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def default_input_fn(body, content_type):
    if media_type(content_type) != "application/json":
        raise RequestError(415, f"Content type {content_type} is not supported; without input_fn only JSON is.")
    return json.loads(body)


def default_predict_fn(data, model):
    return model.predict(data)


def default_output_fn(prediction, accept):
    if media_type(accept) not in ("application/json", "*/*", "application/*"):
        raise RequestError(406, f"Accept type {accept} is not supported; without output_fn only JSON is.")
    return json.dumps(prediction, default=lambda value: value.tolist()), "application/json"


def media_type(header):
    return header.split(";")[0].strip().lower()


class Model:
    """The loaded model with its script's hooks. One request at a time: the toolkits' workers promise that."""

    def __init__(self, folder):
        script = self._script(folder)
        sys.path.insert(0, str(script.parent))
        specification = importlib.util.spec_from_file_location(script.stem, script)
        module = importlib.util.module_from_spec(specification)
        sys.modules[specification.name] = module
        specification.loader.exec_module(module)
        if not hasattr(module, "model_fn"):
            raise SystemExit(f"{script.name} has no model_fn(model_dir), which loads the model.")
        self._transform = getattr(module, "transform_fn", None)
        self._input = getattr(module, "input_fn", default_input_fn)
        self._predict = getattr(module, "predict_fn", default_predict_fn)
        self._output = getattr(module, "output_fn", default_output_fn)
        self._lock = threading.Lock()
        self._model = module.model_fn(folder)

    @staticmethod
    def _script(folder):
        program = os.environ.get("SAGEMAKER_PROGRAM", "inference.py")
        script = Path(os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", f"{folder}/code")) / program
        if not script.is_file():
            raise SystemExit(f"The model has no script {os.path.relpath(script, folder)}.")
        return script

    def transform(self, body, content_type, accept):
        with self._lock:
            if self._transform is not None:
                return self._transform(self._model, body, content_type, accept)
            data = self._input(body, content_type)
            prediction = self._predict(data, self._model)
            return self._output(prediction, accept)


def place_of(error):
    frames = traceback.extract_tb(error.__traceback__)
    return " <- ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model = None

    def do_GET(self):
        if self.path == "/ping":
            self.answer(200, b"", DEFAULT_ACCEPT)
        else:
            self.refuse(404, "There is nothing at this path.")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/invocations":
            self.refuse(404, "There is nothing at this path.")
            return
        content_type = self.headers.get("Content-Type", "application/json")
        accept = self.headers.get("Accept", DEFAULT_ACCEPT)
        if accept == "*/*":
            accept = DEFAULT_ACCEPT
        try:
            # Text arrives as str and everything else as bytes, as the toolkits hand it over.
            if media_type(content_type).startswith("text/") or media_type(content_type).endswith("json"):
                body = body.decode("utf-8")
            result = self.model.transform(body, content_type, accept)
            content, answered = result if isinstance(result, tuple) else (result, accept)
            self.answer(200, content.encode("utf-8") if isinstance(content, str) else bytes(content), answered)
        except BrokenPipeError:
            raise
        except RequestError as error:
            self.refuse(error.status, str(error))
        except ValueError as error:
            # What the script does not take. Its text is for the caller alone: it may quote the request.
            print(f"400 ValueError at {place_of(error)}", file=sys.stderr)
            self.refuse(400, "the request is not valid UTF-8" if isinstance(error, UnicodeDecodeError) else str(error))
        except Exception as error:
            where = place_of(error)
            print(f"500 {type(error).__name__} at {where}", file=sys.stderr)
            self.refuse(500, f"{type(error).__name__} at {where}")

    def refuse(self, status, message):
        self.answer(status, json.dumps({"code": status, "message": message}).encode("utf-8"), "application/json")

    def answer(self, status, body, content_type):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "local"

    def log_message(self, *_arguments):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, _request, _client_address):
        # The peer went away.
        pass


def main():
    address, folder = sys.argv[1:]
    Handler.model = Model(folder)
    with Server(address, Handler) as server:
        server.serve_forever()


main()
