"""The prompt of IPython, with what the standard one has: labels, keywords of calls, errors without the library's frames."""

from __future__ import annotations

from typing import Any

from autograd_lite.repl.completion import keywords
from autograd_lite.repl.labels import label_variables
from autograd_lite.repl.tracebacks import without_library
from autograd_lite.value import Value


def interact(namespace: dict[str, Any], banner: str) -> None:
    """A session at IPython's prompt."""
    from IPython.core.completer import SimpleCompletion, context_matcher
    from IPython.terminal.embed import InteractiveShellEmbed

    shell: Any = InteractiveShellEmbed(banner1=banner + "\n", banner2="", user_ns=namespace)  # type: ignore[no-untyped-call]
    shell.enable_tip = False
    given: dict[str, Value] = {}

    @context_matcher()  # type: ignore[untyped-decorator]
    def keyword_matcher(context: Any) -> Any:
        found = keywords(context.full_text[: context.cursor_position], shell.user_ns)
        fitting = [SimpleCompletion(keyword, type="param") for keyword in found if keyword.startswith(context.token)]
        return {"completions": fitting, "suppress": bool(found) and not context.token}  # where nothing is typed, only these

    def show(shell: Any, kind: Any, error: BaseException, tb: Any, tb_offset: int | None = None) -> list[str]:
        users = without_library(error).__traceback__
        lines: list[str] = shell.InteractiveTB.structured_traceback(kind, error, users, tb_offset=0)
        shell._showtraceback(kind, error, lines)
        return lines

    shell.events.register("post_run_cell", lambda _: label_variables(shell.user_ns, given))
    shell.Completer.custom_matchers.append(keyword_matcher)
    shell.set_custom_exc((Exception,), show)
    shell()
