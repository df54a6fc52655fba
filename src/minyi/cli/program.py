"""The program: its commands hang on `app`; `main` turns errors into messages and exit codes."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any, NoReturn

import typer

from minyi.cli.mounted import Commands
from minyi.errors import MinyiError

INTERRUPTED, USAGE, WRONG = 130, 2, 1

app = typer.Typer(
    cls=Commands,
    help="民意：把群众意见分到政策类别与责任部门（离线运行）。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; a mendable error is one Chinese message and exit code 1."""
    _survive_console()
    warnings.showwarning = _show_warning
    try:
        # Commands return nothing: a number is the exit code of an interrupt or an early end.
        code = app(standalone_mode=False)
    except MinyiError as error:
        _fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = None
    except Exception as error:
        _usage_or_raise(error)
    if code == INTERRUPTED:
        print("已中断：没有写出不完整的文件。", file=sys.stderr)
    if code:
        raise SystemExit(code)


def _usage_or_raise(error: Any) -> NoReturn:
    # The base of what is wrong with a call: in click, or in the copy of it inside typer.
    (usage_error,) = typer.BadParameter.__bases__
    if not isinstance(error, usage_error):
        raise error
    if type(error).__name__ == "NoArgsIsHelpError":  # and the help is on the screen
        raise SystemExit(0) from None
    _fail(f"{_usage(error)}\n用 --help 查看用法。", code=USAGE)


def _usage(error: Any) -> str:
    """Say in Chinese what is wrong with a call."""
    name = error.param.opts[0] if getattr(error, "param", None) else ""
    told = {
        "NoSuchOption": f"没有选项 {getattr(error, 'option_name', '')}。",
        "MissingParameter": f"缺少 {name}。",
        "BadParameter": f"{name} 的值不合要求。",
    }
    return told.get(type(error).__name__) or f"命令写得不对：{error.format_message()}"


def _survive_console() -> None:
    """Let no message die of a console that cannot show a character (code page 936)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    print(f"提示：{message}", file=sys.stderr)


def _fail(message: str, code: int = WRONG) -> NoReturn:
    print(f"错误：{message}", file=sys.stderr)
    raise SystemExit(code) from None
