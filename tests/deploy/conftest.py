"""A served release behind Debian's nginx, which runs without privileges for a test."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import os
import shutil
import ssl
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import require_tool
from tests.web.served import PATIENCE_SECONDS, free_port, served
from tests.web.small_release import publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.served import Served

NAME = "graph.example.org"
#: What a distribution's own nginx.conf says around the file of a site.
AROUND = """
{user}worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/nginx.error.log crit;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    access_log {folder}/other.log;
    gzip on;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Front:
    """A site behind nginx: its client, its logs, and casegraph itself.

    ``prefix`` is the path below which it lies, without a final slash.
    """

    client: httpx.Client
    plain_port: int
    prefix: str
    folder: Path
    behind: Served

    def logs(self) -> str:
        """Everything that nginx wrote."""
        return "".join(
            path.read_text(encoding="utf-8", errors="replace")
            for path in sorted(self.folder.glob("*.log"))
        )


@pytest.fixture(scope="session")
def nginx() -> str:
    """The program; Debian puts it where only root looks."""
    found = shutil.which("nginx", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))
    return found or require_tool("nginx", package="nginx-light")


@pytest.fixture(scope="session")
def site_file(repository: Path) -> str:
    """deploy/nginx.conf as it is."""
    return (repository / "deploy" / "nginx.conf").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one release."""
    folder = tmp_path_factory.mktemp("public") / "releases"
    publish(folder)
    return folder


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that only these tests believe, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "fullchain.pem", folder / "privkey.pem"


def adapted(site: str, changes: dict[str, str]) -> str:
    """The file of the site with other ports and paths; each must stand in it."""
    for old, new in changes.items():
        assert old in site, f"deploy/nginx.conf no longer holds {old!r}"
        site = site.replace(old, new)
    return site


@contextlib.contextmanager
def running_nginx(
    program: str, site: str, folder: Path, certificate: tuple[Path, Path], upstream: int
) -> Iterator[tuple[int, int]]:
    """Nginx with this file of a site; its ports for TLS and for plain HTTP."""
    secure, plain = free_port(), free_port()
    site = adapted(
        site,
        {
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2;\n": "",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl",
            "/etc/letsencrypt/live/graph.example.org/fullchain.pem": str(certificate[0]),
            "/etc/letsencrypt/live/graph.example.org/privkey.pem": str(certificate[1]),
            "/var/log/nginx": str(folder),
            "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        },
    )
    # As root it would give up its rights and could not write here.
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "site.conf").write_text(site, encoding="utf-8")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user), encoding="utf-8")
    command = [program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.error.log")]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    with subprocess.Popen(command) as process:
        try:
            _wait_for(plain, process)
            yield secure, plain
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


@contextlib.contextmanager
def behind_nginx(
    program: str,
    site: str,
    folder: Path,
    certificate: tuple[Path, Path],
    releases: Path,
    prefix: str = "",
    **settings: Any,
) -> Iterator[Front]:
    """Casegraph with the settings of deploy/casegraph.toml, and nginx in front of it."""
    values = {"public_url": f"https://{NAME}{prefix}/", "trusted_proxies": "127.0.0.1 ::1"}
    context = ssl.create_default_context(cafile=str(certificate[0]))
    with (
        served(releases, folder, **(values | settings)) as behind,
        running_nginx(program, site, folder, certificate, behind.port) as (secure, plain),
        httpx.Client(
            base_url=f"https://127.0.0.1:{secure}",
            headers={"Host": NAME},
            verify=context,
            trust_env=False,
            timeout=PATIENCE_SECONDS,
        ) as client,
    ):
        yield Front(client, plain, prefix, folder, behind)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
            return
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)


#: Each way in which the site can lie behind nginx, and what it takes in deploy/nginx.conf.
WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "at the top": ("", {}),
    "below a path": ("/findings", {"    location / {\n": "    location /findings/ {\n"}),
    "below a path that nginx takes away": (
        "/findings",
        {
            "    location / {\n": "    location /findings/ {\n",
            "proxy_pass http://casegraph;": "proxy_pass http://casegraph/;",
        },
    ),
}


@pytest.fixture(scope="session", params=WAYS)
def front(
    request: pytest.FixtureRequest,
    nginx: str,
    site_file: str,
    certificate: tuple[Path, Path],
    releases: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Front]:
    """The site behind nginx, for more requests than a visitor may make."""
    prefix, changes = WAYS[request.param]
    folder = tmp_path_factory.mktemp("nginx")
    site = adapted(site_file, {"rate=20r/s": "rate=5000r/s", **changes})
    patient = {"client_burst_errors": 6_000, "client_errors_per_minute": 6_000}
    with behind_nginx(nginx, site, folder, certificate, releases, prefix, **patient) as one:
        yield one


@pytest.fixture
def strict_front(
    nginx: str, site_file: str, certificate: tuple[Path, Path], releases: Path, tmp_path: Path
) -> Iterator[Front]:
    """The site behind nginx, for hardly a mistake."""
    with behind_nginx(
        nginx, site_file, tmp_path, certificate, releases, client_burst_errors=5
    ) as one:
        yield one
