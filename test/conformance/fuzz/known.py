"""Differences that are meant, each with its reason; docs/mlflow.md says them to users."""

import re


class Known:
    def __init__(self, reason, endpoint, holds):
        self.reason = reason
        self.endpoint = re.compile(endpoint)
        self.holds = holds


def message(answer):
    body = answer[1]
    return str(body.get("message", "")) if isinstance(body, dict) else ""


def big(step):
    """The greatest number of a request."""
    return max([abs(value) for value in step.fields.values() if isinstance(value, int)], default=0)


def versions(body):
    return [(one["name"], one["version"]) for one in body.get("model_versions", [])]


def without_production(value):
    """An answer without what the alias production makes of it."""
    if isinstance(value, dict):
        kept = {name: without_production(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if not (name == "aliases" and one == [])}
    if isinstance(value, list):
        return [without_production(one) for one in value if one != "production" and not (isinstance(one, dict) and one.get("alias") == "production")]
    return value


def cut(value):
    """An answer with texts of at most 8,000 characters."""
    if isinstance(value, dict):
        return {name: cut(one) for name, one in value.items()}
    if isinstance(value, list):
        return [cut(one) for one in value]
    return value[:8000] if isinstance(value, str) else value


# Each is said by one step of a request's reading: the filter, its comparators, the order, the ids, what they name.
STAGES = ["Invalid order_by clause", "Invalid ordering key", "Invalid order by key", "Invalid page token", "Invalid identifier type", "Invalid attribute key", "Invalid comparator", "Invalid model name", "Invalid experiment ID", "Logged model with ID", "Registered Model with name", "No Experiment with id", "the param "]


def two_faults(theirs, ours):
    stages = [next((stage for stage in STAGES if text.startswith(stage)), None) for text in (theirs, ours)]
    return None not in stages and stages[0] != stages[1]


KNOWN = [
    Known(
        "MLflow's server fails (500); Arboleda refuses the request and names what is wrong with it, or answers it",
        ".",
        lambda step, theirs, ours: theirs[0] == 500 and ours[0] in (200, 400, 404),
    ),
    Known(
        "a field of the wrong type that no assertion names is refused; MLflow drops it and what follows it",
        ".",
        lambda step, theirs, ours: ours[0] == 400 and "Hint: Value was of type" in message(ours) and message(ours) != message(theirs),
    ),
    Known(
        "where MLflow's message is empty, Arboleda's says what is wrong",
        ".",
        lambda step, theirs, ours: theirs[0] == ours[0] == 400 and message(theirs) == "",
    ),
    Known(
        "an empty key, control characters and the like are refused: they stand in keys of the store",
        ".",
        lambda step, theirs, ours: ours[0] == 400 and "is not allowed: visible characters" in message(ours),
    ),
    Known(
        "of a tag or param given twice with one value or of tags the last counts; MLflow's database refuses the request",
        "^POST .*/(runs/create|logged-models)$",
        lambda step, theirs, ours: theirs[0] == 400 and message(theirs) == "" and ours[0] == 200,
    ),
    Known(
        "times are milliseconds as a date has them, whole numbers below 2^53",
        ".",
        lambda step, theirs, ours: ours[0] == 400 and ("is no time in milliseconds" in message(ours) or "whole numbers are kept up to" in message(ours)),
    ),
    Known(
        "a tag is cut to 8,000 characters when its run is made too",
        "runs/(create|search|get)$",
        lambda step, theirs, ours: theirs[0] == ours[0] == 200 and cut(theirs[1]) == cut(ours[1]),
    ),
    Known(
        "a param of a logged model, or a model as the output of a run, that is logged again as it is counts once",
        "logged-models/|runs/outputs$",
        lambda step, theirs, ours: theirs[0] == 400 and message(theirs) == "" and ours[0] == 200,
    ),
    Known(
        "a token belongs to the search that gave it out",
        "search$",
        lambda step, theirs, ours: theirs[0] == 200 and "belongs to another search" in message(ours),
    ),
    Known(
        "a token that no search gave out is refused in other words",
        ".",
        lambda step, theirs, ours: ours[0] == theirs[0] == 400 and "token" in message(ours) and "token" in message(theirs),
    ),
    Known(
        "whole numbers of more than 53 bits are rounded where a message quotes them",
        ".",
        lambda step, theirs, ours: theirs[0] == ours[0] == 400 and (re.search(r"\d{17}", message(ours)) is not None or "max_results" in message(ours) and abs(big(step)) >= 2**53),
    ),
    Known(
        "the experiment Default has no time of its making",
        "GET .*/experiments/get",
        lambda step, theirs, ours: theirs[0] == ours[0] == 200 and ours[1]["experiment"]["experiment_id"] == "0" and ours[1]["experiment"]["creation_time"] == 0,
    ),
    Known(
        "run_uuid names a run in log-batch and log-inputs too",
        "runs/log-(batch|inputs)$",
        lambda step, theirs, ours: "run_uuid" in step.fields and message(theirs).startswith('Invalid value "" for parameter'),
    ),
    Known(
        "a model's new name leaves the times of its versions: in order of change they stand elsewhere",
        "model-versions/search$",
        lambda step, theirs, ours: theirs[0] == ours[0] == 200 and step.fields.get("order_by") in (None, []) and versions(theirs[1]) != versions(ours[1]) and step.world.renamed,
    ),
    Known(
        "a metric without a name is none to order by",
        "runs/search$",
        lambda step, theirs, ours: theirs[0] == 200 and re.search(r"order_by clause 'metrics?\.?\s", message(ours)) is not None,
    ),
    Known(
        "a status that is no whole number is an unknown one; MLflow drops it",
        "PATCH .*/logged-models/",
        lambda step, theirs, ours: theirs[0] == ours[0] == 200 and isinstance(step.fields.get("status"), float),
    ),
    Known(
        "a page of fewer than no models is refused",
        "logged-models/search$",
        lambda step, theirs, ours: theirs[0] == 200 and ours[0] == 400 and "max_results" in message(ours),
    ),
    Known(
        "files elsewhere than below mlflow-artifacts:/ are not listed by the server",
        "artifacts/list$",
        lambda step, theirs, ours: ours[0] == 501,
    ),
    Known(
        "a transition to Production moves the alias production",
        "model-versions|registered-models",
        lambda step, theirs, ours: theirs[0] == ours[0] == 200 and without_production(ours[1]) == without_production(theirs[1]),
    ),
    Known(
        "of two things that are wrong another is named first",
        "search$|model-versions/create$|logged-models",
        lambda step, theirs, ours: {theirs[0], ours[0]} <= {400, 404} and two_faults(message(theirs), message(ours)),
    ),
    Known(
        "a filter that is no filter: other pieces of it are listed",
        "search$",
        lambda step, theirs, ours: message(theirs).startswith("Invalid clause(s) in filter string") and message(ours).startswith("Invalid clause(s) in filter string"),
    ),
]



def reason_for(step, theirs, ours):
    """Why Arboleda answers otherwise; None where nobody meant it."""
    for known in KNOWN:
        if known.endpoint.search(f"{step.method} {step.path}") and known.holds(step, theirs, ours):
            return known.reason
    return None
