"""`data` as an address in an object store: which are taken, what is refused in one line, and how a store is reached."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from planion_assets.config import ConfigError
from planion_assets.config.constants import DATA_VARIABLE, DEFAULT_FILE
from planion_assets_tests.config.editor import underlined
from planion_assets_tests.config.texts import ACCOUNT, SECRET, read, refused

S3 = "data: s3://bucket/prefix\n"
AZ = "data: az://container\n"
GS = "data: gs://bucket\n"


@pytest.mark.parametrize(
    ("given", "data"),
    [
        ("s3://bucket", "s3://bucket"),
        ("s3://bucket/", "s3://bucket"),
        ("s3://bucket//", "s3://bucket"),
        ("S3://bucket/a/b=c/", "s3://bucket/a/b=c"),
        ("s3://my.bucket-1/A_b.c", "s3://my.bucket-1/A_b.c"),
        ("gs://bucket_name/tables", "gs://bucket_name/tables"),
        ("az://container/tables", "az://container/tables"),
        ("s3://bucket/" + "x" * 324, "s3://bucket/" + "x" * 324),
    ],
)
def test_an_address_is_kept_in_one_spelling_wherever_it_is_given(tmp_path: Path, given: str, data: str) -> None:
    assert read(tmp_path, f"data: {given}\n" + ACCOUNT).data == data
    assert read(tmp_path, "data: elsewhere\n" + ACCOUNT, {DATA_VARIABLE: given}).data == data


@pytest.mark.parametrize("given", ["s3", "az", "./s3:", "a:b", "x/s3:/y", "gs/tables", "s3.tables"])
def test_a_folder_that_only_looks_like_an_address_is_a_folder(tmp_path: Path, given: str) -> None:
    assert read(tmp_path, f"data: '{given}'\n" + ACCOUNT).data == tmp_path / given


@pytest.mark.parametrize(
    ("given", "wrong", "remedy"),
    [
        (f"s3://{SECRET}@bucket", "holds a user name or password (not shown", "secrets are in variables"),
        (f"s3://key:{SECRET}@bucket/prefix", "holds a user name or password (not shown", "take it out"),
        ("s3://", "names no bucket", "s3://bucket/prefix"),
        ("s3:///prefix", "names no bucket", "s3://bucket/prefix"),
        ("az:///prefix", "names no container", "az://container/prefix"),
        ("s3://Bucket", "names no bucket that there can be", "correct the name"),
        ("s3://b", "names no bucket that there can be", "correct the name"),
        ("s3://bucket:9000/x", "names no bucket that there can be", "correct the name"),
        ("az://-container", "names no container that there can be", "correct the name"),
        (f"s3://bucket?key={SECRET}", "holds a query or fragment", "end it before"),
        ("s3://bucket/a#b", "holds a query or fragment", "end it before"),
        ("s3://bucket/a//b", "has an empty part", "take it out"),
        ("s3://bucket/a/../b", "one of dots alone", "take it out"),
        ("s3://bucket/ä", "a character in its prefix that readers would have to encode", "letters"),
        ("s3://bucket/a b", "a character in its prefix that readers would have to encode", "letters"),
        ("s3://bucket/100%25", "a character in its prefix that readers would have to encode", "letters"),
        ("s3://bucket/*", "a character in its prefix that readers would have to encode", "letters"),
        ("s3://bucket/" + "x" * 325, "is too long, with 325 bytes of prefix", "shorten"),
        ("s3:/bucket/prefix", "is no address, and no folder", "write s3://, with two slashes"),
        ("gs:bucket", "is no address, and no folder", "write gs://, with two slashes"),
        ("s3a://bucket/prefix", "begins with s3a:, which is written s3:// here", "s3://bucket/prefix"),
        ("gcs://bucket", "begins with gcs:, which is written gs:// here", "gs://bucket"),
        ("abfss://container@account.dfs.core.windows.net/x", "begins with abfss:", "az://container"),
        ("azure:container", "begins with azure:", "az://container"),
        (f"https://{SECRET}.example.com/x", "is an address of no store that is known here", "write a folder, or s3://"),
        ("file:///srv/tables", "is an address of no store that is known here", "write a folder"),
        ("hdfs://node/tables", "is an address of no store that is known here", "write a folder"),
        ("./s3://bucket", "holds '://' and is no address", "write a folder, or s3://"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_line(tmp_path: Path, given: str, wrong: str, remedy: str) -> None:
    in_file = refused(tmp_path, f"data: '{given}'\n" + ACCOUNT)
    in_environment = refused(tmp_path, ACCOUNT, {DATA_VARIABLE: given})
    for (line,), where in ((in_file, f"{DEFAULT_FILE}: data: "), (in_environment, f"environment: {DATA_VARIABLE}: ")):
        assert line.startswith(where)
        assert wrong in line.split("; ", 1)[0]
        assert remedy in line.split("; ", 1)[1]


def test_a_missing_package_is_one_line_that_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    lines = refused(tmp_path, S3 + ACCOUNT), refused(tmp_path, ACCOUNT, {DATA_VARIABLE: "s3://bucket"})
    for (line,), where in zip(lines, (f"{DEFAULT_FILE}: data", f"environment: {DATA_VARIABLE}"), strict=True):
        assert line == (
            f"{where}: is in an object store, for which a package is missing; "
            "pip install 'planion-assets[object-store]'"
        )
    assert read(tmp_path, ACCOUNT).data == tmp_path / "data"


@pytest.mark.parametrize(
    ("text", "key", "wrong"),
    [
        (S3 + "storage: {endpoint: http://minio.example.com}\n", "endpoint", "would send rows and keys unencrypted"),
        (S3 + "storage: {endpoint: minio.example.com}\n", "endpoint", "does not begin with https://"),
        (S3 + f"storage: {{endpoint: 'https://a:{SECRET}@minio'}}\n", "endpoint", "holds a user name or password"),
        (S3 + "storage: {allow_http: perhaps}\n", "allow_http", "is neither true nor false"),
        (S3 + "storage: {request_timeout: 0}\n", "request_timeout", "is less than 0.1"),
        (S3 + "storage: {retry_timeout: 301}\n", "retry_timeout", "is more than 300"),
        (S3 + f"storage: {{secret_access_key: {SECRET}}}\n", "secret_access_key", "is not a known key"),
        (S3 + f"storage: {{secret_access_key_env: {SECRET}}}\n", "secret_access_key_env", "is not the name"),
        (S3 + "storage: {secret_access_key_env: MINIO_SECRET}\n", "access_key_id_env", "is not given"),
        (S3 + "storage: {access_key_id_env: MINIO_ID}\n", "secret_access_key_env", "is not given"),
        (S3 + "storage: {account_name: x}\n", "account_name", "is for az:// and data is s3://"),
        (GS + "storage: {region: x}\n", "region", "is for s3:// and data is gs://"),
        (AZ + "storage: {virtual_hosted_style: true}\n", "virtual_hosted_style", "is for s3:// and data is az://"),
    ],
)
def test_a_key_of_storage_that_cannot_be_used_is_one_line(tmp_path: Path, text: str, key: str, wrong: str) -> None:
    (line,) = refused(tmp_path, text + ACCOUNT)
    assert line.startswith(f"{DEFAULT_FILE}: storage.{key}: {wrong}")


def test_what_opens_a_store_holds_secrets_of_the_variables_and_nothing_that_is_not_given(tmp_path: Path) -> None:
    assert read(tmp_path, S3 + ACCOUNT).storage_options() == {
        "allow_http": False,
        "virtual_hosted_style": False,
        "request_timeout": 30.0,
        "retry_timeout": 60.0,
    }
    text = (
        S3 + "storage: {endpoint: 'https://minio.example.com/', region: eu-central-1, retry_timeout: 1, "
        "access_key_id_env: MINIO_ID, secret_access_key_env: MINIO_SECRET}\n" + ACCOUNT
    )
    config = read(tmp_path, text, {"MINIO_ID": "id", "MINIO_SECRET": SECRET})
    options: dict[str, Any] = config.storage_options()
    assert options["endpoint"] == "https://minio.example.com"
    assert (options["region"], options["retry_timeout"]) == ("eu-central-1", 1.0)
    assert (options["access_key_id"], options["secret_access_key"]) == ("id", SECRET)
    assert SECRET not in repr(config) + str(config.model_dump())


def test_a_variable_of_a_key_that_is_not_set_is_one_line_that_repeats_no_key(tmp_path: Path) -> None:
    for name, mention in (("AZURE_KEY", "the environment variable AZURE_KEY"), ("AKIAIOSFODNN7EXAMPLE", "not shown")):
        config = read(tmp_path, AZ + f"storage: {{account_key_env: {name}}}\n" + ACCOUNT)
        with pytest.raises(ConfigError) as caught:
            config.storage_options()
        (line,) = caught.value.args
        assert line.startswith(f"{DEFAULT_FILE}: storage.account_key_env: ")
        assert mention in line
        assert "AKIA" not in line


def test_a_folder_leaves_storage_unused(tmp_path: Path) -> None:
    text = "storage: {endpoint: http://127.0.0.1:9000, account_name: x, region: y}\n" + ACCOUNT
    assert read(tmp_path, text).data == tmp_path / "data"


@pytest.mark.parametrize("data", ["s3://", "https://x/y", "~/x", "hdfs://x", "s3a://bucket"])
def test_an_editor_underlines_what_is_no_address_and_no_folder(data: str) -> None:
    assert underlined(f"data: '{data}'\n" + ACCOUNT) == ["$.data"]
