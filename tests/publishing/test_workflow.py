"""The workflow that publishes the book is a sound one, and may do no more than it needs."""

import subprocess
import sys

import pytest
import yaml

from bsna import paths

FILE = paths.house() / ".github" / "workflows" / "publish.yml"
WORKFLOW = yaml.safe_load(FILE.read_text(encoding="utf-8"))
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


def test_the_workflow_keeps_to_the_schema_of_its_host():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_runs_on_tags_alone():
    assert WORKFLOW[True] == {"push": {"tags": ["v*"]}}  # YAML 1.1 reads the key "on" as true


def test_what_is_deployed_was_tested_checked_and_built_twice():
    ran = [step["run"] for step in WORKFLOW["jobs"]["build"]["steps"] if "run" in step]
    assert ran == ["make test", "make check", "make book", ".venv/bin/bsna verify book/_build/html"]
    assert WORKFLOW["jobs"]["deploy"]["needs"] == "build"


def test_only_the_job_that_deploys_may_write_and_only_pages():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "permissions" not in WORKFLOW["jobs"]["build"]
    assert WORKFLOW["jobs"]["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}


@pytest.mark.parametrize("action", [step["uses"] for step in STEPS if "uses" in step])
def test_every_action_is_of_its_host_and_pinned_to_a_major_version(action):
    name, _, version = action.partition("@")
    assert name.startswith("actions/") and version.startswith("v") and version[1:].isdigit()
