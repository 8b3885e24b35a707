"""What schemathesis is told of this API besides its document, and what is kept of a run that its report does not tell.

Named by `hooks` of the config that support/config.ts writes.
"""

import atexit
import json
import os
import re
import sys
from collections import Counter
from pathlib import Path

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData

sys.path.insert(0, str(Path(__file__).parent))
from economy import economize  # noqa: E402

# A thousand cases an operation is processor time; the gate asks as schemathesis comes.
if os.environ.get("SCHEMATHESIS_ECONOMY") == "1":
    economize()

# Requests sent, by operation, phase, whether sound or broken on purpose, and status.
SENT = Counter()


@schemathesis.hook
def before_call(context, case, kwargs):
    # A redirect is an answer: where it points (the bucket, by a presigned address) is no part of the API.
    kwargs["allow_redirects"] = False


@schemathesis.hook
def after_call(context, case, response):
    # What a check sends on its own behalf (the same without a token, say) carries no account of its making.
    meta = case.meta
    phase, mode = (meta.phase.name.value, meta.generation.mode.value) if meta else ("check", "")
    SENT[case.operation.label, phase, mode, response.status_code] += 1


EXCUSES = [
    (re.compile(excuse["operations"]), re.compile(excuse["says"]))
    for excuse in json.loads(os.environ.get("SCHEMATHESIS_EXCUSES", "[]"))
]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    # What JSON Schema cannot say: refused in these words it is no failure, in others it is.
    if not isinstance(failure, RejectedPositiveData) or response.status_code not in (400, 422):
        return True
    try:
        message = response.json()["message"]
    except (ValueError, KeyError, TypeError):
        return True
    return not any(operation.search(case.operation.label) and says.search(message) for operation, says in EXCUSES)


@atexit.register
def keep():
    path = os.environ.get("SCHEMATHESIS_SENT")
    if path is not None:
        with open(path, "w", encoding="utf-8") as file:
            json.dump([[*key, count] for key, count in sorted(SENT.items())], file)
