"""Says the same random requests to MLflow's server and to Arboleda and reports where the answers differ.

    python fuzz.py --mlflow URL --arboleda URL --token TOKEN --seed N --steps N

The last line of output is a JSON object of counts; the exit code is 1 where a difference is not known.
"""

import argparse
import collections
import json
import random
import re
import sys

import requests

import values
from endpoints import API, ENDPOINTS
from known import reason_for
from world import World

STEPS_OF_A_WORLD = 150
# Requests that make a world worth asking: without them most reads find nothing.
FIRST = ["/experiments/create", "/experiments/create", *["/runs/create"] * 5, *["/runs/log-batch"] * 8, "/registered-models/create", "/registered-models/create", *["/model-versions/create"] * 4, "/logged-models", "/logged-models"]


class Step:
    """One request, with names of the world in place of ids."""

    def __init__(self, endpoint, path, fields, change):
        self.endpoint = endpoint
        self.method = endpoint.method
        self.path = endpoint.path
        self.target = path
        self.fields = fields
        self.change = change
        self.world = None


def camel(name):
    return re.sub(r"_(\w)", lambda found: found.group(1).upper(), name)


def change_one(rng, endpoint, fields):
    """Makes one field wrong, or an edge; says which."""
    # The filters of these are what keeps one world's things apart from another's.
    scoped = endpoint.path.endswith("s/search") and endpoint.path.split("/")[1] in ("experiments", "registered-models", "model-versions")
    name = rng.choice([name for name in endpoint.fields if not (scoped and name == "filter")])
    field = endpoint.fields[name]
    kind = rng.random()
    if kind < 0.15:
        fields.pop(name, None)
        return f"no {name}"
    if kind < 0.2:
        if name not in fields or endpoint.method == "GET":
            return "as it is"
        fields[camel(name)] = fields.pop(name)
        return f"{name} in camel case"
    if kind < 0.23 and name == "run_id" and "run_id" in fields:
        fields["run_uuid"] = fields.pop("run_id")
        return "run_uuid"
    if kind < 0.26:
        fields["unknown_field"] = rng.choice([1, "x", [], {}])
        return "an unknown field"
    if kind < 0.6 and field.edges:
        fields[name] = rng.choice(field.edges)
        return f"{name} at an edge"
    fields[name] = rng.choice(values.WRONG[field.type])
    return f"{name} as {type(fields[name]).__name__}"


def draw_step(rng, world, endpoint):
    if endpoint.learn and endpoint.path == "/runs/search" and world.tokens and rng.random() < 0.15:
        # The next page of a search: the same question, or, now and then, another.
        token, asked = rng.choice(world.tokens)
        return Step(endpoint, endpoint.path, {**asked, "page_token": f"{{{{{token}}}}}"}, "next page")
    fields = {name: field.draw(rng, world) for name, field in endpoint.fields.items() if rng.random() < field.chance}
    plain = world.careful or rng.random() < 0.65
    path = endpoint.path
    if "{model_id}" in path:
        path = path.replace("{model_id}", fields["model_id"])
        if endpoint.method in ("GET", "DELETE"):
            return Step(endpoint, path, {}, "as it is")
    change = "as it is" if plain else change_one(rng, endpoint, fields)
    return Step(endpoint, path, fields, change)


class Server:
    def __init__(self, side, url, token):
        self.side = side
        self.url = url
        self.session = requests.Session()
        if token:
            self.session.headers["authorization"] = f"Bearer {token}"

    def answer(self, world, step):
        url = self.url + API + world.said_to(self.side, step.target)
        text = world.said_to(self.side, values.dumps(step.fields))
        if step.method == "GET":
            query = []
            for name, value in step.fields.items():
                for one in value if isinstance(value, list) else [value]:
                    told = one if isinstance(one, str) else values.dumps(one)
                    query.append((name, world.said_to(self.side, told).replace(values.RAW, "").replace(values.RAW_END, "")))
            response = self.session.get(url, params=query, timeout=60)
        else:
            response = self.session.request(step.method, url, data=text.encode(), headers={"content-type": "application/json"}, timeout=60)
        try:
            body = response.json()
        except ValueError:
            body = response.text[:300]
        return response.status_code, body


def signature(step, theirs, ours):
    """What two differences have in common where they are one: endpoint, codes, and messages without their values."""

    def shape(answer):
        status, body = answer
        if status == 200 or not isinstance(body, dict):
            return str(status)
        message = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`|[\d.]+|<\w+>", "~", str(body.get("message", "")))
        return f"{status} {body.get('error_code')} {message[:60]}"

    return f"{step.method} {step.path} | {step.change.split(' as ')[0] if theirs[0] == ours[0] == 200 else ''} | {shape(theirs)} | {shape(ours)}"


def tell(number, name, step, theirs, ours):
    """One difference, as soon as it is found."""
    print(f"\n## {name}")
    print(f"  step {number} ({step.change}): {step.method} {step.target} {values.dumps(step.fields)[:700]}")
    where, (his, our) = first_difference((theirs[1], ours[1])) if theirs[0] == ours[0] else ("", (theirs[1], ours[1]))
    for who, status, value in (("mlflow  ", theirs[0], his), ("arboleda", ours[0], our)):
        print(f"    {who} {status} {where} {json.dumps(value, ensure_ascii=False)[:600]}", flush=True)


def first_difference(pair, path=""):
    """The first place in which two answers differ, and what each has there."""
    his, our = pair
    if isinstance(his, dict) and isinstance(our, dict) and his.keys() == our.keys():
        return next(first_difference((his[key], our[key]), f"{path}.{key}") for key in his if his[key] != our[key])
    if isinstance(his, list) and isinstance(our, list) and len(his) == len(our):
        return next(first_difference((his[at], our[at]), f"{path}[{at}]") for at in range(len(his)) if his[at] != our[at])
    return path, pair


def fuzz(mlflow, arboleda, seed, steps, show, trace):
    rng = random.Random(seed)
    servers = [Server(0, mlflow, None), Server(1, *arboleda)]
    counts = collections.Counter()
    found = collections.Counter()
    asked = collections.Counter()
    by_path = {}
    for endpoint in ENDPOINTS:
        by_path.setdefault(endpoint.path, endpoint)
    weights = [endpoint.weight for endpoint in ENDPOINTS]
    world, queue, begun = None, [], 0
    for number in range(steps):
        if world is None or number - begun == STEPS_OF_A_WORLD:
            world, queue, begun = World(f"f{seed}w{number}"), list(FIRST), number
        world.careful = bool(queue)
        endpoint = by_path[queue.pop(0)] if queue else rng.choices(ENDPOINTS, weights)[0]
        step = draw_step(rng, world, endpoint)
        step.world = world
        asked[f"{step.method} {step.path}"] += 1
        answers = [server.answer(world, step) for server in servers]
        counts["steps"] += 1
        counts[f"mlflow answered {answers[0][0]}"] += 1
        if all(status == 200 for status, _ in answers) and endpoint.learn:
            endpoint.learn(world, step.fields, [body for _, body in answers])
        theirs, ours = [(status, world.normal(side, body)) for side, (status, body) in enumerate(answers)]
        if trace:
            print(number, world.prefix, step.method, step.target, values.dumps(step.fields)[:300], theirs[0], ours[0], file=sys.stderr)
        if theirs == ours:
            if theirs[0] == 200 and " as " in step.change and step.method != "GET" and step.change != "as it is":
                # MLflow may have dropped what follows a field of the wrong type.
                world = None
            if endpoint.path == "/model-versions/create" and theirs[0] == 404:
                # MLflow has made the version before it missed the logged model.
                world = None
            continue
        odd = theirs[0] != ours[0] and 200 in (theirs[0], ours[0])
        if (odd or endpoint.path == "/model-versions/create") and endpoint.method != "GET" and not endpoint.path.endswith("search"):
            # One of them has written what the other has not: what follows is asked of new things.
            world = None
        reason = reason_for(step, theirs, ours)
        if reason:
            counts["meant"] += 1
            counts[f"meant: {reason}"] += 1
            continue
        counts["differences"] += 1
        name = signature(step, theirs, ours)
        found[name] += 1
        if found[name] <= show:
            tell(number, name, step, theirs, ours)
    print(json.dumps({"seed": seed, "endpoints": len(asked), "kinds of difference": len(found), **counts}))
    return len(found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--mlflow", required=True)
    parser.add_argument("--arboleda", required=True)
    parser.add_argument("--token")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--show", type=int, default=2)
    parser.add_argument("--trace", action="store_true", help="a line a step")
    chosen = parser.parse_args()
    different = fuzz(chosen.mlflow, (chosen.arboleda, chosen.token), chosen.seed, chosen.steps, chosen.show, chosen.trace)
    sys.exit(1 if different else 0)
