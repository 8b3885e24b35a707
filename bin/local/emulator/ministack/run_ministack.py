"""Start MiniStack 1.5.33 with a correction (a failing Node.js Lambda reports its own error name) and an addition (checkpoints).

On AWS, `class ValidationError extends Error` thrown by a handler comes back as errorType "ValidationError", and that is
what a Step Functions Catch or Retry matches on. MiniStack 1.5.33 answers "Runtime.HandlerError" for every error, so
no named Catch would ever match. Two places are patched:

1. the JavaScript that runs handlers also sends the error's name;
2. the Python side puts that name into the invocation's answer.

A checkpoint: MiniStack saves its state at a clean stop only. On SIGUSR1 this process saves it at once, so that what a kill
-9 takes is what was written since the last checkpoint, not the whole stack.

Whatever is not found as expected stops the start: then the pinned version has changed and this file must be revised.
"""

import inspect
import signal
import sys
import threading

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

GENERIC_ERROR_TYPE = "Runtime.HandlerError"

# (what the worker script of 1.5.33 says, what it shall say)
WORKER_SCRIPT_EDITS = [
    (  # a rejected promise, or an error given to the callback
        'status: "error", error: String(err.message || err), trace: err.stack || ""',
        'status: "error", error: String(err.message || err), errorType: (err && err.name) || "Error", trace: err.stack || ""',
    ),
    (  # an exception thrown by a synchronous handler
        'status: "error", error: e.message, trace: e.stack',
        'status: "error", error: e.message, errorType: e.name, trace: e.stack',
    ),
]

# The name of the last error in this thread: Worker.invoke and its caller run in the same one.
_last_error = threading.local()


def _stop(what: str) -> None:
    sys.exit(f"run_ministack.py: {what}; it was written for MiniStack 1.5.33, see requirements.txt")


def patch_worker_script() -> None:
    script = lambda_runtime._NODEJS_WORKER_SCRIPT
    for old, new in WORKER_SCRIPT_EDITS:
        if script.count(old) != 1:
            _stop(f"the Node.js worker script has {script.count(old)} times (not once) the text {old!r}")
        script = script.replace(old, new)
    lambda_runtime._NODEJS_WORKER_SCRIPT = script


def patch_invocation() -> None:
    original_invoke = lambda_runtime.Worker.invoke
    original_execute = lambda_svc._execute_function_warm
    if f'"{GENERIC_ERROR_TYPE}"' not in inspect.getsource(original_execute):
        _stop(f"_execute_function_warm no longer answers {GENERIC_ERROR_TYPE!r}")

    def invoke(self, *args, **kwargs):
        result = original_invoke(self, *args, **kwargs)
        _last_error.name = result.get("errorType")
        return result

    def execute_function_warm(func, event, request_id):
        _last_error.name = None
        outcome = original_execute(func, event, request_id)
        body = outcome.get("body")
        failed = outcome.get("error") and isinstance(body, dict)
        # Timeouts and errors of the worker itself keep the type that MiniStack gave them.
        if failed and body.get("errorType") == GENERIC_ERROR_TYPE and _last_error.name:
            body["errorType"] = _last_error.name
        return outcome

    lambda_runtime.Worker.invoke = invoke
    lambda_svc._execute_function_warm = execute_function_warm


def add_checkpoints() -> None:
    from ministack import app
    from ministack.core import persistence

    one_at_a_time = threading.Lock()

    def save() -> None:
        with one_at_a_time:
            persistence.save_all(app._build_persistence_save_dict())

    if not callable(app._build_persistence_save_dict) or not callable(persistence.save_all):
        _stop("what saves the state is no longer callable")
    # In a thread of its own: the signal may arrive while the main one holds a lock that saving needs.
    signal.signal(signal.SIGUSR1, lambda *_: threading.Thread(target=save, name="checkpoint").start())


if __name__ == "__main__":
    try:
        patch_worker_script()
        patch_invocation()
        add_checkpoints()
    except (AttributeError, OSError, TypeError) as error:
        _stop(f"cannot patch: {error}")

    from ministack.app import main

    main()
