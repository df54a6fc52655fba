"""Where the files that ship with the package are: inside the wheel, or in the checkout."""

from __future__ import annotations

from pathlib import Path

from minyi.errors import MinyiError

_PACKAGE = Path(__file__).parent / "bundled"
_CHECKOUT = Path(__file__).parents[2]
_IN_CHECKOUT = {"domain": "data/domain", "models": "models", "corpus": "data/corpus"}


def bundled(name: str) -> Path:
    """Return the path of a shipped file or folder such as ``domain/taxonomy.csv``."""
    top, _, rest = name.partition("/")
    # In a checkout the folders at the top are the truth; a wheel carries copies of them.
    for path in (_CHECKOUT / _IN_CHECKOUT.get(top, top) / rest, _PACKAGE / name):
        if path.exists():
            return path
    raise MinyiError(f"安装不完整：缺少随程序发布的文件 {name}。请重新安装 minyi。")
