"""The registry through the client and as requests."""

from harness import case


def version(c, model, run_id=None, **more):
    """A version of a run's model, or of one that lies elsewhere."""
    source = "s3://bucket/model" if run_id is None else f"{c.client.get_run(run_id).info.artifact_uri}/model"
    return c.client.create_model_version(model, source, run_id, **more)


@case("models: create, get, update, rename, delete: every field")
def models(c):
    name = c.name("model")
    c.show("made", c.client.create_registered_model(name, tags={"a": "1", "ü": "x y"}, description="first"))
    c.show("got", c.client.get_registered_model(name))
    c.ask("as request", "GET", "registered-models/get", query={"name": name})
    c.show("updated", c.client.update_registered_model(name, description="second"))
    c.show("renamed", c.client.rename_registered_model(name, c.name("new")))
    c.error("old name", lambda: c.client.get_registered_model(name))
    c.client.delete_registered_model(c.name("new"))
    c.error("deleted", lambda: c.client.get_registered_model(c.name("new")))
    c.error("deleted again", lambda: c.client.delete_registered_model(c.name("new")))
    c.show("made again", c.client.create_registered_model(c.name("new")))


@case("models: what is refused")
def models_refused(c):
    name, other = c.name("model"), c.name("other")
    c.client.create_registered_model(name)
    c.client.create_registered_model(other)
    c.error("taken", lambda: c.client.create_registered_model(name))
    c.ask("taken as request", "POST", "registered-models/create", {"name": name})
    c.error("renamed to a taken one", lambda: c.client.rename_registered_model(name, other))
    for at, given in enumerate([None, "", "a/b", "a:b", 7, "  ", "x" * 257, ".", "a/../b", "/abs"]):
        answer = c.rest("POST", "registered-models/create", {} if given is None else {"name": given})
        c.show(f"name {at}", answer)
        if answer["status"] == 200:
            c.rest("DELETE", "registered-models/delete", {"name": given})
    c.ask("no name", "GET", "registered-models/get")
    c.ask("empty", "GET", "registered-models/get", query={"name": ""})
    c.ask("unknown", "GET", "registered-models/get", query={"name": c.name("none")})
    c.ask("rename: no new name", "POST", "registered-models/rename", {"name": name})
    c.ask("rename: a slash", "POST", "registered-models/rename", {"name": name, "new_name": "a/b"})
    c.ask("rename: unknown", "POST", "registered-models/rename", {"name": c.name("none"), "new_name": c.name("none2")})
    c.ask("update: unknown", "PATCH", "registered-models/update", {"name": c.name("none"), "description": "x"})
    c.ask("update: no name", "PATCH", "registered-models/update", {"description": "x"})
    c.ask("update: nothing", "PATCH", "registered-models/update", {"name": name})
    c.ask("delete: no name", "DELETE", "registered-models/delete", {})
    c.ask("tags no list", "POST", "registered-models/create", {"name": c.name("tags"), "tags": "x"})


@case("model tags")
def model_tags(c):
    name = c.name("model")
    c.client.create_registered_model(name)
    c.client.set_registered_model_tag(name, "a", 1)
    c.client.set_registered_model_tag(name, "a", "2")
    c.client.set_registered_model_tag(name, "b", "3")
    c.show("tags", c.client.get_registered_model(name).tags)
    c.client.delete_registered_model_tag(name, "a")
    c.client.delete_registered_model_tag(name, "a")
    c.show("left", c.client.get_registered_model(name).tags)
    c.error("unknown model", lambda: c.client.set_registered_model_tag(c.name("none"), "a", "1"))
    c.error("delete of an unknown model", lambda: c.client.delete_registered_model_tag(c.name("none"), "a"))
    c.ask("no key", "POST", "registered-models/set-tag", {"name": name, "value": "1"})
    c.ask("no name", "POST", "registered-models/set-tag", {"key": "a", "value": "1"})
    c.ask("long key", "POST", "registered-models/set-tag", {"name": name, "key": "k" * 251, "value": "1"})
    c.ask("long value", "POST", "registered-models/set-tag", {"name": name, "key": "k", "value": "v" * 100_001})
    c.ask("no key to delete", "DELETE", "registered-models/delete-tag", {"name": name})


@case("versions: create, get, update, delete: every field")
def versions(c):
    name = c.name("model")
    c.client.create_registered_model(name)
    run = c.run()
    made = version(c, name, run_id=run, tags={"a": "1"}, description="first", run_link="https://x/run")
    c.show("made", made)
    c.show("got", c.client.get_model_version(name, "1"))
    c.ask("as request", "GET", "model-versions/get", query={"name": name, "version": "1"})
    c.show("updated", c.client.update_model_version(name, "1", description="second"))
    c.show("second", version(c, name))
    c.show("uri", c.client.get_model_version_download_uri(name, "1"))
    c.ask("uri as request", "GET", "model-versions/get-download-uri", query={"name": name, "version": "2"})
    c.client.delete_model_version(name, "2")
    c.error("deleted", lambda: c.client.get_model_version(name, "2"))
    c.error("deleted again", lambda: c.client.delete_model_version(name, "2"))
    c.show("third", version(c, name).version)
    c.show("model", c.client.get_registered_model(name))


@case("versions: what is refused")
def versions_refused(c):
    name = c.name("model")
    c.client.create_registered_model(name)
    version(c, name)

    def ask(label, **body):
        c.ask(label, "POST", "model-versions/create", {"name": name, "source": "s3://bucket/model", **body})

    ask("unknown model", name=c.name("none"))
    ask("no source", source=None)
    ask("empty source", source="")
    ask("no name", name=None)
    ask("local source", source="/etc/passwd")
    ask("file source", source="file:///etc/passwd")
    ask("climbing source", source="mlflow-artifacts:/a/../../etc")
    ask("encoded climbing", source="mlflow-artifacts:/a/%2e%2e/%2e%2e/etc")
    ask("fragment", source="mlflow-artifacts:/a?x#../../y")
    ask("tags no list", tags="x")
    run, other = c.run(), c.run()
    place = c.client.get_run(run).info.artifact_uri
    ask("another run's source", source=f"{place}/model", run_id=other)
    ask("its own source", source=f"{place}/model", run_id=run)
    ask("a source without its run", source=f"{place}/model")
    ask("an unknown run", source=f"{place}/model", run_id="0123456789abcdef0123456789abcdef")
    ask("an unknown model id", source="models:/m-0123456789abcdef0123456789abcdef", model_id="m-0123456789abcdef0123456789abcdef")
    ask("a web address", source="https://x/model")
    for method, path in (("GET", "get"), ("GET", "get-download-uri")):
        c.ask(f"{path}: unknown", method, f"model-versions/{path}", query={"name": name, "version": "99"})
        c.ask(f"{path}: a word", method, f"model-versions/{path}", query={"name": name, "version": "x"})
        c.ask(f"{path}: none", method, f"model-versions/{path}", query={"name": name})
        c.ask(f"{path}: no name", method, f"model-versions/{path}", query={"version": "1"})
        c.ask(f"{path}: unknown model", method, f"model-versions/{path}", query={"name": c.name("none"), "version": "1"})
    c.ask("update: unknown", "PATCH", "model-versions/update", {"name": name, "version": "99", "description": "x"})
    c.ask("update: a word", "PATCH", "model-versions/update", {"name": name, "version": "x", "description": "x"})
    c.ask("delete: none", "DELETE", "model-versions/delete", {"name": name})
    c.ask("version a number", "PATCH", "model-versions/update", {"name": name, "version": 1, "description": "x"})


@case("version tags")
def version_tags(c):
    name = c.name("model")
    c.client.create_registered_model(name)
    version(c, name)
    c.client.set_model_version_tag(name, "1", "a", 1)
    c.client.set_model_version_tag(name, "1", "a", "2")
    c.client.set_model_version_tag(name, "1", "b", "3")
    c.show("tags", c.client.get_model_version(name, "1").tags)
    c.client.delete_model_version_tag(name, "1", "a")
    c.client.delete_model_version_tag(name, "1", "a")
    c.show("left", c.client.get_model_version(name, "1").tags)
    c.error("unknown version", lambda: c.client.set_model_version_tag(name, "9", "a", "1"))
    c.error("unknown model", lambda: c.client.set_model_version_tag(c.name("none"), "1", "a", "1"))
    c.ask("no key", "POST", "model-versions/set-tag", {"name": name, "version": "1", "value": "1"})
    c.ask("no version", "POST", "model-versions/set-tag", {"name": name, "key": "a", "value": "1"})
    c.ask("long key", "POST", "model-versions/set-tag", {"name": name, "version": "1", "key": "k" * 251, "value": "1"})
    c.ask("a word", "POST", "model-versions/set-tag", {"name": name, "version": "x", "key": "k", "value": "1"})


@case("aliases: set, move, get, delete, reserved names")
def aliases(c):
    name = c.name("model")
    c.client.create_registered_model(name)
    version(c, name)
    version(c, name)
    c.client.set_registered_model_alias(name, "champion", "1")
    c.client.set_registered_model_alias(name, "best", "1")
    c.show("by alias", c.client.get_model_version_by_alias(name, "champion"))
    c.client.set_registered_model_alias(name, "champion", "2")
    c.show("moved", [c.client.get_model_version(name, at).aliases for at in ("1", "2")])
    c.show("model", c.client.get_registered_model(name).aliases)
    c.ask("as request", "GET", "registered-models/alias", query={"name": name, "alias": "champion"})
    c.client.delete_registered_model_alias(name, "best")
    c.client.delete_registered_model_alias(name, "best")
    c.error("gone", lambda: c.client.get_model_version_by_alias(name, "best"))
    c.client.delete_model_version(name, "2")
    c.error("of a deleted version", lambda: c.client.get_model_version_by_alias(name, "champion"))
    for alias in ("latest", "Latest", "v1", "V22", "v1x", "", "a b", "a/b", "x" * 257, "ä"):
        answer = c.rest("POST", "registered-models/alias", {"name": name, "alias": alias, "version": "1"})
        c.show(f"alias {alias[:20]!r}", answer)
    c.ask("unknown version", "POST", "registered-models/alias", {"name": name, "alias": "a", "version": "9"})
    c.ask("unknown model", "POST", "registered-models/alias", {"name": c.name("none"), "alias": "a", "version": "1"})
    c.ask("no version", "POST", "registered-models/alias", {"name": name, "alias": "a"})
    c.ask("no alias", "GET", "registered-models/alias", query={"name": name})
    c.ask("delete of an unknown model", "DELETE", "registered-models/alias", {"name": c.name("none"), "alias": "a"})
    c.ask("get of an unknown model", "GET", "registered-models/alias", query={"name": c.name("none"), "alias": "a"})


@case("stages: transitions, archiving, the latest of each")
def stages(c):
    name = c.name("model")
    c.client.create_registered_model(name)
    for _ in range(4):
        version(c, name)
    move = c.client.transition_model_version_stage
    c.show("staging", move(name, "1", "Staging"))
    c.show("small letters", move(name, "2", "staging").current_stage)
    c.show("production", move(name, "3", "Production").current_stage)
    c.show("archiving", move(name, "4", "Production", archive_existing_versions=True).current_stage)
    c.show("stages", [c.client.get_model_version(name, str(at)).current_stage for at in range(1, 5)])
    c.show("latest", [[found.version, found.current_stage] for found in sorted(c.client.get_latest_versions(name), key=lambda found: found.current_stage)])
    c.show("latest in two", sorted(found.version for found in c.client.get_latest_versions(name, ["Staging", "production"])))
    c.error("latest in none", lambda: c.client.get_latest_versions(name, ["Colour"]))
    c.show("model", sorted(found.version for found in c.client.get_registered_model(name).latest_versions))
    c.error("unknown stage", lambda: move(name, "1", "Colour"))
    c.error("archiving into none", lambda: move(name, "1", "None", archive_existing_versions=True))
    c.error("archiving into archived", lambda: move(name, "1", "Archived", archive_existing_versions=True))
    c.show("none", move(name, "1", "None").current_stage)
    c.error("unknown version", lambda: move(name, "9", "Staging"))
    c.error("unknown model", lambda: move(c.name("none"), "1", "Staging"))
    c.ask("no stage", "POST", "model-versions/transition-stage", {"name": name, "version": "1"})
    c.ask("no archive flag", "POST", "model-versions/transition-stage", {"name": name, "version": "1", "stage": "Staging"})
    c.ask("latest of an unknown model", "GET", "registered-models/get-latest-versions", query={"name": c.name("none")})
    c.ask("latest as POST", "POST", "registered-models/get-latest-versions", {"name": name, "stages": ["Production"]})


@case("rename keeps versions, aliases, tags")
def rename(c):
    name = c.name("model")
    c.client.create_registered_model(name, tags={"a": "1"})
    version(c, name, tags={"b": "2"})
    c.client.set_registered_model_alias(name, "champion", "1")
    c.client.transition_model_version_stage(name, "1", "Staging")
    c.show("renamed", c.client.rename_registered_model(name, c.name("new")))
    c.show("version", c.client.get_model_version(c.name("new"), "1"))
    c.show("alias", c.client.get_model_version_by_alias(c.name("new"), "champion").version)
    c.error("old version", lambda: c.client.get_model_version(name, "1"))
    c.show("next", version(c, c.name("new")).version)


@case("search of models")
def search_models(c):
    prefix = c.name("s")
    for at, letter in enumerate("abcde"):
        c.client.create_registered_model(f"{prefix}-{letter}", tags={"n": str(at), "kind": "odd" if at % 2 else "even"})
    version(c, f"{prefix}-b")
    mine = f"name LIKE '{prefix}%'"

    def find(filter_string=mine, **more):
        return [found.name.removeprefix(prefix) for found in c.client.search_registered_models(filter_string, **more)]

    c.show("like", find())
    c.show("down", find(order_by=["name DESC"]))
    c.show("equal", find(f"name = '{prefix}-c'"))
    c.show("not equal", find(f"name != '{prefix}-c' AND {mine}"))
    c.show("ilike", find(f"name ILIKE '{prefix.upper()}-C'"))
    c.show("tag", find(f"tags.kind = 'odd' AND {mine}"))
    c.show("tag not", find(f"tags.kind != 'odd' AND {mine}"))
    c.show("tag like", find(f"tags.`kind` ILIKE 'EV%' AND {mine}"))
    c.show("by time", find(order_by=["last_updated_timestamp DESC", "name ASC"])[:1])
    first = c.client.search_registered_models(mine, max_results=3, order_by=["name ASC"])
    c.show("first page", [[found.name.removeprefix(prefix) for found in first], bool(first.token)])
    second = c.client.search_registered_models(mine, max_results=3, order_by=["name ASC"], page_token=first.token)
    c.show("second page", [[found.name.removeprefix(prefix) for found in second], bool(second.token)])
    c.show("latest versions", c.client.search_registered_models(f"name = '{prefix}-b'")[0])

    def ask(label, **query):
        c.ask(label, "GET", "registered-models/search", query={"max_results": 5, **query})

    for text in ("colour = 'red'", "name > 'a'", "name = 5", "name =", "name = 'a' OR name = 'b'", "name IN ('a')", "run_id = 'a'", "tags.a > 'b'", "name = 'a", "creation_timestamp > 0"):
        ask(f"refused {text}", filter=text)
    for text in ("colour", "name UP", "version_number", "creation_timestamp", "tags.a"):
        ask(f"order {text}", order_by=text, filter=f"name = '{prefix}-b'")
    for value in (0, -1, 1001, "x"):
        ask(f"max {value}", max_results=value, filter=f"name = '{prefix}-b'")
    ask("token", page_token="nonsense")


@case("search of versions")
def search_versions(c):
    names = [c.name("a"), c.name("b")]
    runs = [c.run(), c.run()]
    for at, name in enumerate(names):
        c.client.create_registered_model(name)
        for step in range(3):
            version(c, name, run_id=runs[at], tags={"step": str(step)})
    version(c, names[0])
    c.client.set_registered_model_alias(names[0], "champion", "2")
    c.client.transition_model_version_stage(names[0], "3", "Staging")

    def find(label, text, **more):
        found = c.client.search_model_versions(text, **more)
        c.show(label, [[one.name, one.version] for one in found])

    either = f"name IN ('{names[0]}', '{names[1]}')"
    find("name", f"name = '{names[0]}'")
    find("run", f"run_id = '{runs[1]}'")
    find("runs", f"run_id IN ('{runs[0]}', '{runs[1]}')", order_by=["name ASC", "version_number ASC"])
    find("name and run", f"name = '{names[0]}' AND run_id = '{runs[1]}'")
    find("number", f"name = '{names[0]}' AND version_number > 1", order_by=["version_number ASC"])
    find("number equal", f"version_number = 2 AND name = '{names[1]}'")
    find("like", f"name LIKE '{names[0][:8]}%' AND name = '{names[0]}'")
    find("tag", f"tags.step = '1' AND name = '{names[0]}'")
    find("tag not", f"tags.step != '1' AND name = '{names[0]}'")
    find("source", f"source_path = 's3://bucket/model' AND name = '{names[0]}'")
    find("names", either)
    find("order", f"name LIKE '%{names[0][-12:]}'", order_by=["name DESC", "version_number DESC"])
    find("by time", f"name = '{names[0]}'", order_by=["creation_timestamp ASC", "version_number ASC"])
    c.show("whole", c.client.search_model_versions(f"name = '{names[0]}'"))
    first = c.client.search_model_versions(f"name = '{names[0]}'", max_results=2, order_by=["version_number ASC"])
    c.show("first page", [[one.version for one in first], bool(first.token)])
    second = c.client.search_model_versions(f"name = '{names[0]}'", max_results=2, order_by=["version_number ASC"], page_token=first.token)
    c.show("second page", [[one.version for one in second], bool(second.token)])
    for text in ("colour = 'red'", "name > 'a'", "version_number = 'x'", "run_id > 'a'", "name = 'a' OR name = 'b'", "tags.a > 'b'", "run_id IN ()", "stage = 'Staging'", "name =", "name NOT IN ('a')"):
        c.ask(f"refused {text}", "GET", "model-versions/search", query={"filter": text, "max_results": 5})
    for text in ("colour", "name UP", "run_id"):
        c.ask(f"order {text}", "GET", "model-versions/search", query={"filter": f"name = '{names[0]}'", "order_by": text, "max_results": 1})
    for value in (0, -1, 200_001, "x"):
        c.ask(f"max {value}", "GET", "model-versions/search", query={"filter": f"name = '{c.name('none')}'", "max_results": value})


@case("ten at once: version numbers neither skip nor repeat")
def race(c):
    from concurrent.futures import ThreadPoolExecutor

    name = c.name("model")
    c.client.create_registered_model(name)
    with ThreadPoolExecutor(5) as pool:
        made = list(pool.map(lambda _: version(c, name).version, range(10)))
    c.show("numbers", sorted(int(one) for one in made))


@case("deleting a model takes its versions")
def delete(c):
    name = c.name("model")
    c.client.create_registered_model(name)
    version(c, name)
    c.client.set_registered_model_alias(name, "champion", "1")
    c.client.delete_registered_model(name)
    c.error("version", lambda: c.client.get_model_version(name, "1"))
    c.show("search", c.client.search_model_versions(f"name = '{name}'"))
    c.client.create_registered_model(name)
    c.show("versions of its heir", [found.version for found in c.client.search_model_versions(f"name = '{name}'")])
    c.show("aliases of its heir", c.client.get_registered_model(name).aliases)
