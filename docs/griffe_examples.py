"""For the site: an `Example:` of a docstring is a section of examples, so that its session is shown as code."""

from typing import Any

import griffe


class Examples(griffe.Extension):
    """Reads `Example:` as `Examples:`, the one name that the parser knows."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rename the section."""
        if obj.docstring:
            obj.docstring.value = obj.docstring.value.replace("\nExample:\n", "\nExamples:\n")
