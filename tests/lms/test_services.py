"""The embedded services: real servers in a state directory of their own."""

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import psycopg
import pytest
import redis

from lms.services import start_services, status_of_services, stop_services
from lms.services.home import service_home
from lms.services.postgres import Postgres
from lms.services.processes import free_port, is_alive
from lms.services.valkey import Valkey


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("state")
    yield directory
    stop_services(directory)
    home = service_home(directory)
    shutil.rmtree(home, ignore_errors=True)


def test_services_start_and_repeat_gives_the_same_urls(state_dir: Path) -> None:
    first = start_services(state_dir)
    assert start_services(state_dir) == first
    assert [status.pid is not None for status in status_of_services(state_dir)] == [True, True]


def test_programs_connect_through_a_private_socket(state_dir: Path) -> None:
    urls = start_services(state_dir)
    with psycopg.connect(urls["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT inet_server_addr(), current_database()").fetchone()
        sockets = connection.info.host
    assert (row, sockets) == ((None, "thang"), str(service_home(state_dir) / "sockets"))
    assert Path(sockets).stat().st_mode & 0o077 == 0
    django = dj_database_url.parse(urls["DATABASE_URL"])
    assert (django["HOST"], django["NAME"], django["OPTIONS"]["host"]) == ("", "thang", sockets)


def test_a_path_too_long_for_a_socket_leads_through_tcp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "state"
    monkeypatch.setattr("lms.services.postgres.MOST_SOCKET_BYTES", 10)
    try:
        urls = start_services(directory)
        with psycopg.connect(urls["DATABASE_URL"]) as connection:
            assert connection.info.host == "127.0.0.1"
    finally:
        stop_services(directory)
        shutil.rmtree(service_home(directory), ignore_errors=True)


@pytest.mark.parametrize(("name", "through"), [("it's here", "{directory}/sockets"), ("a, b", "127.0.0.1")])
def test_a_path_may_have_any_name(name: str, through: str) -> None:
    with tempfile.TemporaryDirectory() as top:
        Path(top).chmod(0o755)
        directory = Path(top) / name
        try:
            with psycopg.connect(start_services(directory)["DATABASE_URL"]) as connection:
                assert connection.info.host == through.format(directory=directory)
        finally:
            stop_services(directory)


def test_application_role_is_plain(state_dir: Path) -> None:
    urls = start_services(state_dir)
    with psycopg.connect(urls["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == ("thang_app", False, False, False, False)


def test_application_role_cannot_make_tables(state_dir: Path) -> None:
    urls = start_services(state_dir)
    with psycopg.connect(urls["DATABASE_URL"]) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE intruder (id int)")


def test_committed_row_survives_a_killed_server(state_dir: Path) -> None:
    urls = start_services(state_dir)
    with psycopg.connect(urls["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
    with psycopg.connect(urls["DATABASE_URL"], autocommit=True) as application:
        application.execute("INSERT INTO kept VALUES ('saved')")
        # The control: a row that was never committed must not come back.
        uncommitted = psycopg.connect(urls["DATABASE_URL"])
        uncommitted.execute("INSERT INTO kept VALUES ('unsaved')")
    pid = Postgres(state_dir).pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    urls = start_services(state_dir)
    with psycopg.connect(urls["DATABASE_URL"]) as application:
        assert application.execute("SELECT word FROM kept").fetchall() == [("saved",)]
    assert Postgres(state_dir).pid() != pid


def test_valkey_keeps_its_data_and_asks_for_a_password(state_dir: Path) -> None:
    urls = start_services(state_dir)
    with redis.Redis.from_url(urls["CACHE_URL"]) as client:
        client.set("word", "kept")
        client.execute_command("WAITAOF", 1, 0, 2000)
    pid = Valkey(state_dir).pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    urls = start_services(state_dir)
    with redis.Redis.from_url(urls["CACHE_URL"]) as client:
        assert client.get("word") == b"kept"
    port = Valkey(state_dir).port()
    with redis.Redis(host="127.0.0.1", port=port or 0) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_free_port_gives_way_when_the_usual_one_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        usual = taken.getsockname()[1]
        assert free_port(usual) != usual
    assert free_port(usual) == usual


def test_stop_leaves_nothing(state_dir: Path) -> None:
    start_services(state_dir)
    pids = [status.pid for status in status_of_services(state_dir)]
    stop_services(state_dir)
    assert [is_alive(pid or 0, "") for pid in pids] == [False, False]
    assert [status.pid for status in status_of_services(state_dir)] == [None, None]


def test_secrets_are_private(state_dir: Path) -> None:
    start_services(state_dir)
    for name in ("passwords.json", "services.json"):
        assert (state_dir / name).stat().st_mode & 0o077 == 0
