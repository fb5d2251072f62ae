"""What conda users install is what everybody installs."""

import re
import tomllib

from bsna import paths


def declared_by_conda(text: str) -> list[str]:
    return re.findall(r'^ {6}- "(.+)"$', text, flags=re.MULTILINE)


def test_environment_yml_lists_the_dependencies_of_pyproject_in_the_same_order():
    project = tomllib.loads((paths.house() / "pyproject.toml").read_text())["project"]
    conda = (paths.house() / "environment.yml").read_text()
    assert declared_by_conda(conda) == [*project["dependencies"], "-e ."]
    assert f"python{project['requires-python']}" in conda


def test_citation_and_changelog_name_the_version_of_pyproject():
    project = tomllib.loads((paths.house() / "pyproject.toml").read_text())["project"]
    assert f"version: {project['version']}\n" in (paths.house() / "CITATION.cff").read_text()
    assert f"## {project['version']} (" in (paths.house() / "CHANGELOG.md").read_text()
