"""The centre over TLS, over real sockets: who is believed, and that nothing is said in the open elsewhere."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from agentdesk.centre.authors import system_means
from agentdesk.centre.enrol import create_code
from agentdesk.centre.serving import ServeError, serve
from agentdesk.centre.tls import BadCertificate, Tls
from agentdesk.cli.enrolment import enrol
from agentdesk.cli.errors import CommandError
from agentdesk.store.site import Site
from agentdesk.sync.client import CentreClient, RequestFailed, client_of
from agentdesk.sync.connecting import BadAuthority, authority
from agentdesk.sync.fetching import CentreSnapshots
from agentdesk.sync.runner import sync_once
from agentdesk.sync.signing import Credentials, SiteAuth
from agentdesk.trust.addresses import BadAddress, check_address, is_loopback
from tests.centre.authorities import Authority
from tests.centre.kit import REGION, TestClock, build_world
from tests.cli.commands import inside
from tests.postgres import Server
from tests.store.world import OPENED
from tests.waiting import until

LONG_S = 120.0


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@contextmanager
def serving(folder: Path, files: tuple[Path, Path], *more: str, url: str = "") -> Iterator[tuple[str, int]]:
    """Serve a centre with a certificate in a process of its own; gives its URL and its process id."""
    command = [sys.executable, "-P", "-m", "agentdesk", "serve", "--database", url or str(folder / "centre.db")]
    command += ["--port", "0", "--tls-cert", str(files[0]), "--tls-key", str(files[1]), *more]
    with (
        (folder / "log").open("a") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith("centre ready on https://"), (folder / "log").read_text()
            yield line.split()[-1], process.pid
        finally:
            process.terminate()
            process.wait(LONG_S)


def code(folder: Path) -> str:
    """Return a code of a new centre in a folder."""
    world = build_world(folder)
    made = world.centre.database.write(lambda tx: create_code(tx, system_means(), REGION, uses=9)).result()
    world.centre.database.close()
    return made


def refused(url: str, ca: Path | None) -> str:
    """Return why a site can't speak to a centre that it asks by HTTPS."""
    trusted = authority(ca) if ca is not None else ""
    auth = SiteAuth(Credentials("token", bytes(32)), lambda: 0)
    with closing(CentreClient(url, auth, TestClock(), ca=trusted)) as client, pytest.raises(RequestFailed) as failed:
        client.pull({}, 10)
    return str(failed.value)


def told(url: str) -> bytes:
    """Return the certificate that a centre shows, as its serial number and all."""
    host, _, port = url.removeprefix("https://").partition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((host, int(port)), LONG_S) as plain, context.wrap_socket(plain) as wrapped:
        return wrapped.getpeercert(binary_form=True) or b""


def test_a_site_believes_the_authority_that_it_was_given_and_no_other(tmp_path: Path, ours: Authority) -> None:
    given = code(tmp_path)
    theirs = Authority(tmp_path, "theirs")
    with serving(tmp_path, ours.certificate("centre")) as (url, _):
        with pytest.raises(CommandError, match="certificate is not good"):
            enrol(tmp_path / "wrong", url, given, "hall", "m", theirs.file)
        with pytest.raises(CommandError, match="certificate is not good"):
            enrol(tmp_path / "none", url, given, "hall", "m")
        site = enrol(tmp_path / "site", url, given, "hall", "m", ours.file)
        OPENED.append(site)
        # the file may go: what was in it lies in the site's own
        ours.file.unlink()
        assert site.identity.ca.startswith("-----BEGIN CERTIFICATE-----")
        waiting, problem = sync_once(site)
        assert (waiting, problem) == (0, None)
        assert site.view.cursors()
        (line,) = [one for one in inside("doctor", "--data", tmp_path / "site").out.splitlines() if " line " in one]
        assert line.startswith("ok"), line


def test_a_certificate_that_is_over_or_for_another_host_is_not_believed(tmp_path: Path, ours: Authority) -> None:
    code(tmp_path)
    with serving(tmp_path, ours.certificate("old", days=-1)) as (url, _):
        assert refused(url, ours.file) == "the centre's certificate is not good: certificate has expired"
    with serving(tmp_path, ours.certificate("elsewhere", host="elsewhere.example")) as (url, _):
        assert "IP address mismatch" in refused(url, ours.file)


def test_old_protocols_and_plain_http_are_not_spoken(tmp_path: Path, ours: Authority) -> None:
    code(tmp_path)
    with serving(tmp_path, ours.certificate("centre")) as (url, _):
        host, _, port = url.removeprefix("https://").partition(":")
        context = ssl.create_default_context(cafile=str(ours.file))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        with socket.create_connection((host, int(port)), LONG_S) as plain, pytest.raises((ssl.SSLError, OSError)):
            context.wrap_socket(plain, server_hostname=host).close()
        with socket.create_connection((host, int(port)), LONG_S) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"HTTP/1.1" not in _rest(plain)


def _rest(connection: socket.socket) -> bytes:
    """Return what comes until the other end hangs up, in whatever way."""
    pieces = []
    try:
        while piece := connection.recv(4096):
            pieces.append(piece)
    except OSError:
        pass
    return b"".join(pieces)


def test_a_renewed_certificate_is_read_at_a_signal_and_a_broken_one_changes_nothing(
    tmp_path: Path, ours: Authority
) -> None:
    import os

    code(tmp_path)
    files = ours.certificate("centre")
    with serving(tmp_path, files) as (url, pid):
        before = told(url)
        new = ours.certificate("renewed")
        files[0].write_bytes(new[0].read_bytes())  # with the key of the one before
        os.kill(pid, signal.SIGHUP)
        until(lambda: "stays as it was" in (tmp_path / "log").read_text())
        assert told(url) == before
        files[1].write_bytes(new[1].read_bytes())
        os.kill(pid, signal.SIGHUP)
        until(lambda: told(url) != before)


def test_several_processes_serve_one_certificate_and_renew_it_together(
    postgres: Server, tmp_path: Path, ours: Authority
) -> None:
    import os

    files = ours.certificate("front")
    more = ("--workers", "2", "--key-file", str(tmp_path / "centre.key"))
    with serving(tmp_path, files, *more, url=postgres.create()) as (url, pid):
        before = told(url)
        new = ours.certificate("renewed")
        for old, renewed in zip(files, new, strict=True):
            old.write_bytes(renewed.read_bytes())
        os.kill(pid, signal.SIGHUP)
        until(lambda: all(told(url) != before for _ in range(8)))
        assert "worker ended" not in (tmp_path / "log").read_text()


def test_files_that_cant_be_served_are_one_line(tmp_path: Path, ours: Authority) -> None:
    one, two = ours.certificate("one"), ours.certificate("two")
    database = f"sqlite:///{tmp_path / 'c.db'}"
    for files in ((one[0], two[1]), (tmp_path / "none", one[1]), (one[0], tmp_path / "none"), (one[1], one[1])):
        with pytest.raises(ServeError) as caught:
            serve("127.0.0.1", 0, database, tls=Tls(*files))
        assert "\n" not in str(caught.value)
        with pytest.raises(BadCertificate):
            Tls(*files).check()
    Tls(*one).check()
    assert not (tmp_path / "c.db").exists()


@pytest.mark.parametrize("content", ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_what_is_no_authority_is_one_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(content)
    with pytest.raises(CommandError) as caught:
        enrol(tmp_path / "site", "https://127.0.0.1:9", "AAAA-AAAA", "hall", "m", file)
    assert "\n" not in str(caught.value)
    with pytest.raises(BadAuthority):
        authority(tmp_path / "missing")
    assert not (tmp_path / "site").exists()


OPEN = ["http://centre.example", "http://10.0.0.1:8710", "http://127.0.0.1.example", "http://[::2]", "http://0.0.0.0:1"]
NONE = [
    "",
    "ftp://x",
    "centre.example",
    "https://",
    "http:///x",
    "https://a:b@centre.example",
    "https://[::1",
    "http://x:y",
]
GOOD = ["https://centre.example", "https://10.0.0.1:1/x", "http://127.0.0.1:8710", "http://[::1]:1", "http://LOCALHOST"]


@pytest.mark.parametrize("url", OPEN)
def test_nothing_goes_out_in_the_open(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadAddress, match="plain HTTP"):
        check_address(url)
    with pytest.raises(CommandError, match="plain HTTP"):
        enrol(tmp_path / "site", url, "AAAA-AAAA", "hall", "m")
    assert not (tmp_path / "site").exists()
    with pytest.raises(BadAddress, match="plain HTTP"):
        CentreClient(url, SiteAuth(Credentials("", bytes(32)), lambda: 0), TestClock())


@pytest.mark.parametrize("url", NONE)
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    with pytest.raises(BadAddress, match=r"no address|plain HTTP"):
        check_address(url)


@pytest.mark.parametrize("url", GOOD)
def test_this_machine_and_https_are_spoken_to(url: str) -> None:
    assert check_address(url) == url


def test_a_site_is_not_moved_to_where_anybody_can_listen(tmp_path: Path) -> None:
    from tests.store.world import identity, open_site

    site = open_site(tmp_path / "site")
    site.enrol(identity(url="https://centre.example"), "lineage")
    with pytest.raises(BadAddress):
        site.move_centre("http://centre.example")
    assert site.identity.url == "https://centre.example"


def test_a_site_that_was_enrolled_in_the_open_sends_nothing_any_more_and_says_why(tmp_path: Path) -> None:
    from tests.store.world import identity, open_site

    site: Site = open_site(tmp_path / "site")
    site.enrol(identity(url="http://centre.example"), "lineage")
    with pytest.raises(BadAddress):
        client_of(site)
    with pytest.raises(BadAddress):
        sync_once(site)


def test_only_names_of_this_machine_are_loopback() -> None:
    assert is_loopback("127.8.9.1")
    assert is_loopback("::1")
    assert not any(map(is_loopback, ("", "0.0.0.0", "localhost.example", "::", "10.0.0.1")))


def test_offers_are_asked_for_over_the_same_connection(tmp_path: Path, ours: Authority) -> None:
    given = code(tmp_path)
    with serving(tmp_path, ours.certificate("centre")) as (url, _):
        site = enrol(tmp_path / "site", url, given, "hall", "m", ours.file)
        OPENED.append(site)
        with closing(client_of(site)) as client:
            assert CentreSnapshots(client).offers() == ()
