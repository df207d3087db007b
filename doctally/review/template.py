"""NiceGUI's template of a page, changed as it is loaded; its files stay as they are."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import BaseLoader, Environment

Change = Callable[[str], str]


class _Changed(BaseLoader):
    def __init__(self, inner: BaseLoader, how: Change) -> None:
        self.inner = inner
        self.how = how

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, name, fresh = self.inner.get_source(environment, template)
        return self.how(source), name, fresh


def change(environment: Environment, how: Change) -> None:
    """Let what ``how`` returns stand for each template's source; asked again, nothing happens."""
    loader = environment.loader
    while isinstance(loader, _Changed):
        if loader.how is how:
            return
        loader = loader.inner
    if environment.loader is not None:
        environment.loader = _Changed(environment.loader, how)
        if environment.cache is not None:
            environment.cache.clear()
