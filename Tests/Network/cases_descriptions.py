"""The OpenAPI descriptions themselves."""

import functools
import re

import jsonschema
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from openapi_spec_validator.readers import read_from_filename

from harness import EXAMPLES, OPENAPI, case, expect, expect_equal

FILES = ("events.yaml", "upstream.yaml", "device.yaml")


@functools.cache
def described(name):
    """A description with what it takes from the other files put in its place."""
    tree = yaml.safe_load((OPENAPI / name).read_text("utf-8"))
    return replaced(tree, {name: tree, "": tree} | {
        other: yaml.safe_load((OPENAPI / other).read_text("utf-8")) for other in FILES if other != name}, name)


def replaced(node, files, here):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            file, _, pointer = node["$ref"].partition("#")
            target = files[file or here]
            for part in pointer.strip("/").split("/"):
                target = target[part]
            others = {name: value for name, value in node.items() if name != "$ref"}
            found = replaced(target, files, file or here)
            return {**found, **others}
        return {name: replaced(value, files, here) for name, value in node.items()}
    if isinstance(node, list):
        return [replaced(value, files, here) for value in node]
    return node


@functools.cache
def schema(name, file="events.yaml"):
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema.Draft202012Validator(described(file)["components"]["schemas"][name], format_checker=checker)


@case("events.yaml, upstream.yaml and device.yaml are valid OpenAPI 3.1")
def valid(_):
    for name in FILES:
        content, address = read_from_filename(str(OPENAPI / name))
        validate(content, base_uri=address, cls=OpenAPIV31SpecValidator)


@case("every example in the descriptions is what its schema says")
def examples(_):
    checked = 0

    def visit(node, place):
        nonlocal checked
        if isinstance(node, list):
            for number, value in enumerate(node):
                visit(value, f"{place}/{number}")
        if not isinstance(node, dict):
            return
        given = []
        if isinstance(node.get("schema"), dict):
            given = [value["value"] for value in node.get("examples", {}).values()] + [
                node[name] for name in ("example",) if name in node]
            against = node["schema"]
        elif isinstance(node.get("examples"), list):
            given, against = node["examples"], {name: value for name, value in node.items() if name != "examples"}
        for value in given:
            checked += 1
            problems = list(jsonschema.Draft202012Validator(against).iter_errors(value))
            expect(not problems, f"{place}: {problems[:1]}")
        for name, value in node.items():
            visit(value, f"{place}/{name}")

    for name in FILES:
        visit(described(name), name)
    expect(checked >= 15, f"only {checked} examples were found")
    return f"{checked} examples"


@case("every operation says what it answers when it refuses, as a problem")
def refusals(_):
    operations = 0
    for name in FILES[1:]:
        tree = described(name)
        for path, methods in tree["paths"].items():
            for method, operation in methods.items():
                if method not in ("get", "put", "post"):
                    continue
                operations += 1
                place = f"{name} {method} {path}"
                answers = operation["responses"]
                for status in ("405", "414", "429", "431", "500", "503"):
                    expect(status in answers, f"{place} does not say {status}")
                if operation.get("security", tree["security"]):
                    expect("401" in answers and "403" in answers, f"{place} does not say 401 and 403")
                if "requestBody" in operation:
                    expect({"400", "408", "413", "415"} <= answers.keys(), f"{place}: refusals of bodies are missing")
                for status, answer in answers.items():
                    if int(status) >= 400:
                        expect_equal(list(answer["content"]), ["application/problem+json"], f"{place} {status}")
    expect_equal(operations, 12, "operations")


@case("every code with which the receiver refuses is named in the descriptions")
def codes(_):
    words = "".join((OPENAPI / name).read_text("utf-8") for name in FILES)
    used = set()
    for path in EXAMPLES.glob("*.py"):
        used |= set(re.findall(r'Refusal\(\s*\d+,\s*"([a-z-]+)"', path.read_text("utf-8")))
    # Only said on the command line.
    used -= {"version-used"}
    expect(len(used) >= 15, f"only {len(used)} codes were found")
    missing = {code for code in used if f"`{code}`" not in words}
    expect_equal(missing, set(), "codes that no description names")
    return f"{len(used)} codes"
