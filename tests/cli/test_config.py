"""`site.toml`: what may stand in it, and errors of one line for what may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentdesk.cli.config import ami_settings, read_config
from agentdesk.cli.errors import CommandError

WHOLE = """
[desk]
agent = "bj1001"
extension = "8001"
language = "zh-CN"
theme = "light"

[hook]
enabled = false

[ami]
host = "switch.example"
user = "desk"
secret_file = "ami.secret"
interfaces = ["PJSIP/8001"]
queues = ["vip10010"]
"""


def test_without_a_file_everything_is_as_usual(tmp_path: Path) -> None:
    config = read_config(tmp_path)

    assert config.hook
    assert config.ami is None
    assert config.desk.agent is None


def test_a_whole_file_is_read_with_the_secret_from_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(WHOLE, "utf-8")
    secret = tmp_path / "ami.secret"
    secret.write_text("s3cret\n")
    secret.chmod(0o600)

    config = read_config(tmp_path)
    assert config.ami is not None
    settings = ami_settings(config.ami, tmp_path)

    assert (config.desk.agent, config.desk.extension, config.hook) == ("bj1001", "8001", False)
    assert (settings.host, settings.user, settings.secret, settings.port) == ("switch.example", "desk", "s3cret", 5038)
    assert (settings.agents, settings.queues) == (("PJSIP/8001",), ("vip10010",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[desk\n", "is not TOML"),
        ("[desk]\nagnet = 'x'\n", "`desk.agnet` is not known"),
        ("[desk]\ntheme = 'pink'\n", "`desk.theme`"),
        ("[ami]\nhost = 'x'\n", "`ami.user` is missing"),
        ("[ami]\nhost='x'\nuser='u'\nsecret_file='s'\ninterfaces=[]\n", "`ami.interfaces`"),
        ("[ami]\nhost='x'\nuser='u'\nsecret_file='s'\ninterfaces=['a']\nport=0\n", "`ami.port`"),
    ],
)
def test_a_mistake_is_named_with_its_key(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(text, "utf-8")

    with pytest.raises(CommandError) as caught:
        read_config(tmp_path)

    assert said in str(caught.value)
    assert str(tmp_path / "site.toml") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "mode", "said"), [(None, 0, "can't be read"), ("", 0o600, "is empty"), ("x", 0o644, "chmod 600")]
)
def test_a_secret_that_is_missing_empty_or_open_to_others_is_refused(
    content: str | None, mode: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "site.toml").write_text(WHOLE, "utf-8")
    if content is not None:
        (tmp_path / "ami.secret").write_text(content)
        (tmp_path / "ami.secret").chmod(mode)
    config = read_config(tmp_path)
    assert config.ami is not None

    with pytest.raises(CommandError, match=said):
        ami_settings(config.ami, tmp_path)
