"""Experiments through the client and as requests."""

from harness import case
from mlflow.entities import ViewType


@case("create, get, get by name: every field")
def create(c):
    made = c.client.create_experiment(c.name("exp"), tags={"team": "a", "Größe": "groß ✓"})
    c.show("by id", c.client.get_experiment(made))
    c.show("by name", c.client.get_experiment_by_name(c.name("exp")))
    c.ask("as request", "GET", "experiments/get", query={"experiment_id": made})
    c.ask("by name as request", "GET", "experiments/get-by-name", query={"experiment_name": c.name("exp")})
    c.show("none by name", c.client.get_experiment_by_name(c.name("none")))


@case("an artifact location of its own")
def location(c):
    made = c.client.create_experiment(c.name("exp"), artifact_location="mlflow-artifacts:/elsewhere/x")
    c.show("location", c.client.get_experiment(made).artifact_location)
    c.show("run", c.client.create_run(made).info.artifact_uri)


@case("wrong locations")
def wrong_location(c):
    for at, text in enumerate(["mlflow-artifacts:/a/../../b", "s3://bucket/x#fragment", "mlflow-artifacts:/a?b=c", "file:///etc"]):
        answer = c.rest("POST", "experiments/create", {"name": c.name(f"f{at}"), "artifact_location": text})
        c.show(f"status {at}", [answer["status"], answer["body"].get("error_code")])


@case("the default experiment")
def default(c):
    found = c.client.get_experiment("0")
    c.show("default", {"id": found.experiment_id, "name": found.name, "stage": found.lifecycle_stage})
    c.show("by name", c.client.get_experiment_by_name("Default").experiment_id)


@case("a name is taken, by a deleted one too")
def taken(c):
    made = c.experiment("exp")
    c.error("taken", lambda: c.client.create_experiment(c.name("exp")))
    c.ask("taken as request", "POST", "experiments/create", {"name": c.name("exp")})
    c.client.delete_experiment(made)
    c.error("taken by a deleted one", lambda: c.client.create_experiment(c.name("exp")))
    other = c.experiment("other")
    c.error("renamed to a deleted one's", lambda: c.client.rename_experiment(other, c.name("exp")))


@case("rename")
def rename(c):
    made, other = c.experiment("exp"), c.experiment("other")
    c.client.rename_experiment(made, c.name("new"))
    c.show("renamed", c.client.get_experiment(made))
    c.show("old name", c.client.get_experiment_by_name(c.name("exp")))
    c.error("taken", lambda: c.client.rename_experiment(made, c.name("other")))
    c.client.rename_experiment(made, c.name("new"))
    c.client.delete_experiment(other)
    c.error("deleted", lambda: c.client.rename_experiment(other, c.name("newer")))
    c.error("unknown", lambda: c.client.rename_experiment("987654321", c.name("newest")))
    c.ask("no new name", "POST", "experiments/update", {"experiment_id": made})
    c.ask("empty new name", "POST", "experiments/update", {"experiment_id": made, "new_name": ""})


@case("delete and restore")
def delete(c):
    made = c.experiment("exp")
    run = c.run(made)
    c.client.delete_experiment(made)
    c.show("deleted", c.client.get_experiment(made))
    c.show("run of it", c.client.get_run(run).info.lifecycle_stage)
    c.error("run in a deleted one", lambda: c.client.create_run(made))
    c.error("deleted again", lambda: c.client.delete_experiment(made))
    c.show("by name", c.client.get_experiment_by_name(c.name("exp")).lifecycle_stage)
    c.client.restore_experiment(made)
    c.show("restored", c.client.get_experiment(made))
    c.show("run of the restored", c.client.get_run(run).info.lifecycle_stage)
    c.error("restored again", lambda: c.client.restore_experiment(made))
    c.error("unknown deleted", lambda: c.client.delete_experiment("987654321"))
    c.error("unknown restored", lambda: c.client.restore_experiment("987654321"))


@case("tags: set, overwrite, delete")
def tags(c):
    made = c.experiment("exp")
    c.client.set_experiment_tag(made, "k", "1")
    c.client.set_experiment_tag(made, "k", "2")
    c.client.set_experiment_tag(made, "other/with.dots and blank", "")
    c.client.set_experiment_tag(made, "long", "x" * 5000)
    c.show("tags", c.client.get_experiment(made).tags)
    c.client.delete_experiment_tag(made, "k")
    c.show("left", sorted(c.client.get_experiment(made).tags))
    c.error("unknown tag", lambda: c.client.delete_experiment_tag(made, "k"))
    c.error("unknown experiment", lambda: c.client.set_experiment_tag("987654321", "k", "v"))
    c.error("too long a key", lambda: c.client.set_experiment_tag(made, "k" * 251, "v"))
    c.ask("long value", "POST", "experiments/set-experiment-tag", {"experiment_id": made, "key": "k", "value": "v" * 5001})
    c.show("long value kept", len(c.client.get_experiment(made).tags["k"]))
    c.ask("no key", "POST", "experiments/set-experiment-tag", {"experiment_id": made, "value": "v"})
    c.ask("a number", "POST", "experiments/set-experiment-tag", {"experiment_id": made, "key": "k", "value": 7})
    c.ask("odd key", "POST", "experiments/set-experiment-tag", {"experiment_id": made, "key": "a$b", "value": "v"})
    c.client.delete_experiment(made)
    c.error("of a deleted one", lambda: c.client.set_experiment_tag(made, "k", "v"))
    c.error("removed of a deleted one", lambda: c.client.delete_experiment_tag(made, "long"))


@case("names that are refused")
def names(c):
    for at, body in enumerate(
        [{}, {"name": ""}, {"name": None}, {"name": 7}, {"name": ["a"]}, {"name": "x" * 501}, {"name": "  "}, {"name": {"a": 1}}]
    ):
        c.ask(f"{at}", "POST", "experiments/create", body)
    c.show("500 letters", c.rest("POST", "experiments/create", {"name": c.name("x").ljust(500, "y")})["status"])
    c.show("slashes", c.rest("POST", "experiments/create", {"name": "/Users/me/" + c.name("a:b")})["status"])


@case("tags that are refused on create")
def create_tags(c):
    def ask(label, tags):
        c.ask(label, "POST", "experiments/create", {"name": c.name(label), "tags": tags})

    ask("no list", "a")
    ask("no objects", ["a"])
    ask("an object", {"key": "a", "value": "b"})
    ask("number as a value", [{"key": "a", "value": 3}])
    answer = c.rest("POST", "experiments/create", {"name": c.name("twice"), "tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]})
    c.show("twice", answer["status"])


@case("unknown experiments, and ids that are none")
def unknown(c):
    c.error("get", lambda: c.client.get_experiment("987654321"))
    c.ask("get as request", "GET", "experiments/get", query={"experiment_id": "987654321"})
    c.ask("by name", "GET", "experiments/get-by-name", query={"experiment_name": c.name("none")})
    c.ask("no id", "GET", "experiments/get")
    c.ask("empty id", "GET", "experiments/get", query={"experiment_id": ""})
    c.ask("no name", "GET", "experiments/get-by-name")
    c.show("letters", c.rest("GET", "experiments/get", query={"experiment_id": "abc"})["status"])


@case("unknown fields, camel case, an empty body, no JSON, another type")
def lenient(c):
    answer = c.rest("POST", "experiments/create", {"name": c.name("a"), "colour": "red", "more": {"x": [1]}})
    c.show("unknown field", answer["status"])
    answer = c.rest("POST", "experiments/create", {"name": c.name("b"), "artifactLocation": "mlflow-artifacts:/camel"})
    made = answer["body"]["experiment_id"]
    c.show("camel", c.client.get_experiment(made).artifact_location)
    c.ask("no body", "POST", "experiments/create", raw="", headers={"Content-Type": "application/json"})
    answer = c.rest("POST", "experiments/create", raw="{", headers={"Content-Type": "application/json"})
    c.show("broken", [answer["status"], answer["body"].get("error_code")])
    answer = c.rest("POST", "experiments/create", raw="[1]", headers={"Content-Type": "application/json"})
    c.show("a list", [answer["status"]])
    for at, kind in enumerate(["text/plain", "application/x-www-form-urlencoded", None, "application/json; charset=utf-8"]):
        raw = '{"name": "%s"}' % c.name(f"t{at}")
        answer = c.rest("POST", "experiments/create", raw=raw, headers={"Content-Type": kind} if kind else {})
        c.show(f"type {at}", [answer["status"], answer["body"].get("error_code"), answer["body"].get("message")])
    answer = c.rest("POST", "experiments/create", raw='"{\\"name\\": \\"%s\\"}"' % c.name("d"), headers={"Content-Type": "application/json"})
    c.show("encoded twice", answer["status"])


@case("methods and paths that are none")
def paths(c):
    c.show("GET create", c.rest("GET", "experiments/create")["status"])
    c.show("PUT get", c.rest("PUT", "experiments/get")["status"])
    c.show("unknown", c.rest("GET", "experiments/nothing")["status"])
    c.show("preview", c.rest("GET", "/api/2.0/preview/mlflow/experiments/get", query={"experiment_id": "0"})["status"])


@case("search: names, tags, order, pages")
def search(c):
    prefix = c.name("s")
    ids = [c.client.create_experiment(f"{prefix}-{letter}", tags={"n": str(at), "kind": "odd" if at % 2 else "even"}) for at, letter in enumerate("abcde")]
    c.client.delete_experiment(ids[4])
    mine = f"name LIKE '{prefix}%'"

    def find(filter_string=mine, **more):
        return [found.name.removeprefix(prefix) for found in c.client.search_experiments(filter_string=filter_string, **more)]

    c.show("like", sorted(find()))
    c.show("by name", find(order_by=["name ASC"]))
    c.show("by name down", find(order_by=["name DESC"]))
    c.show("all", find(view_type=ViewType.ALL, order_by=["name"]))
    c.show("deleted", find(view_type=ViewType.DELETED_ONLY))
    c.show("equal", find(f"name = '{prefix}-b'"))
    c.show("not equal", find(f"name != '{prefix}-b' AND {mine}", order_by=["name"]))
    c.show("ilike", find(f"name ILIKE '{prefix.upper()}-A'"))
    c.show("like with case", find(f"name LIKE '{prefix.upper()}-A'"))
    c.show("tag", find(f"tags.kind = 'odd' AND {mine}", order_by=["name"]))
    c.show("tag not", find(f"tags.kind != 'odd' AND {mine}", order_by=["name"]))
    c.show("tag like", find(f"tags.`kind` LIKE 'ev%' AND {mine}", order_by=["name"]))
    c.show("two tags", find(f"tags.kind = 'even' AND tags.n = '2' AND {mine}"))
    c.show("time", find(f"creation_time > 0 AND last_update_time > 0 AND {mine}", order_by=["name"]))
    c.show("by id", find(order_by=["experiment_id ASC"]))
    c.show("attribute", find(f"attribute.name = '{prefix}-a'"))
    first = c.client.search_experiments(filter_string=mine, max_results=3, order_by=["name"])
    c.show("first page", first)
    second = c.client.search_experiments(filter_string=mine, max_results=3, order_by=["name"], page_token=first.token)
    c.show("second page", second)


@case("search: what is refused")
def search_refused(c):
    def ask(label, **body):
        c.ask(label, "POST", "experiments/search", {"max_results": 5, **body})

    c.ask("without max", "POST", "experiments/search", {})
    ask("zero", max_results=0)
    ask("minus", max_results=-1)
    ask("too many", max_results=50001)
    ask("letters", max_results="abc")
    ask("int64 as text", max_results="2", filter=f"name = '{c.name('none')}'")
    ask("attribute", filter="colour = 'red'")
    ask("operator", filter="name > 'a'")
    ask("IN", filter="name IN ('a')")
    ask("number as text", filter="creation_time = 'a'")
    ask("text as number", filter="name = 5")
    ask("OR", filter="name = 'a' OR name = 'b'")
    ask("half", filter="name =")
    ask("quote", filter="name = 'a")
    ask("metric", filter="metrics.a > 1")
    ask("order", order_by=["colour"])
    ask("order tag", order_by=["tags.a"])
    ask("order twice", order_by=["name ASC DESC"])
    ask("token", page_token="nonsense")
    c.ask("view", "POST", "experiments/search", {"max_results": 5, "view_type": "SOME"})
    c.ask("order no list", "POST", "experiments/search", {"max_results": 5, "order_by": "name"})
    c.show("GET", c.rest("GET", "experiments/search", query={"max_results": 2, "filter": f"name = '{c.name('none')}'"}))
