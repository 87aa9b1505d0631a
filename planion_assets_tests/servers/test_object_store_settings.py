"""A store is opened by the settings, by the cloud's own variables and by a profile; what does not do is one line."""

import os
import sys
from pathlib import Path
from typing import Any

import obstore
import pytest

from planion_assets.storage.errors import ObjectStoreError
from planion_assets.storage.open_store import open_object_store
from planion_assets_tests.servers.azurite import ACCOUNT, KEY, Azurite
from planion_assets_tests.servers.buckets import Bucket
from planion_assets_tests.servers.seaweed import KEYS, REGION, Seaweed

CLOUDS = ("AWS_", "AZURE_", "GOOGLE_")


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of a cloud is set, and no machine's identity is looked for."""
    for name in [name for name in os.environ if name.startswith(CLOUDS)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def _works(store: Any) -> bool:
    obstore.put(store, "a/b", b"content")
    return bytes(obstore.get(store, "a/b").bytes()) == b"content"


@pytest.mark.servers
def test_settings_open_a_store_whose_names_are_below_the_prefix(bucket: Bucket) -> None:
    assert _works(bucket.below("some/prefix").open())
    assert bucket.names() == ["some/prefix/a/b"]


@pytest.mark.servers
def test_the_variables_of_aws_open_a_store_without_any_setting(s3: Seaweed, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.bucket("by-variables")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEYS["TEST_S3_KEY_ID"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEYS["TEST_S3_SECRET"])
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint)
    monkeypatch.setenv("AWS_PROFILE", "keys go before a profile")
    assert _works(open_object_store("s3://by-variables", {"allow_http": True}))


@pytest.mark.servers
def test_a_profile_of_aws_opens_a_store(s3: Seaweed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    s3.bucket("by-profile")
    credentials = (
        f"[mine]\naws_access_key_id={KEYS['TEST_S3_KEY_ID']}\naws_secret_access_key={KEYS['TEST_S3_SECRET']}\n"
    )
    (tmp_path / "credentials").write_text(credentials)
    (tmp_path / "config").write_text(f"[profile mine]\nregion={REGION}\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "mine")
    assert _works(open_object_store("s3://by-profile", {"endpoint": s3.endpoint}))
    for profile in ("nobody's", "empty"):
        (tmp_path / "config").write_text("[profile empty]\n")
        monkeypatch.setenv("AWS_PROFILE", profile)
        with pytest.raises(ObjectStoreError, match="with a profile \\(AWS_PROFILE\\) that has no usable credentials"):
            open_object_store("s3://by-profile", {"endpoint": s3.endpoint})


def test_a_profile_without_what_reads_it_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.setenv("AWS_PROFILE", "mine")
    with pytest.raises(ObjectStoreError) as caught:
        open_object_store("s3://bucket", {})
    assert "boto3, which reads profiles, is missing" in str(caught.value)
    assert caught.value.remedy.startswith("pip install boto3, or set AWS_ACCESS_KEY_ID")
    # Keys of the settings need no profile, and other clouds have none.
    assert open_object_store("s3://bucket", {"access_key_id": "id", "secret_access_key": "secret"})
    assert open_object_store("az://container", {"account_name": "mine"})


@pytest.mark.servers
def test_the_variables_of_azure_open_a_store(azure: Azurite, monkeypatch: pytest.MonkeyPatch) -> None:
    azure.bucket("by-variables")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", azure.endpoint)
    assert _works(open_object_store("az://by-variables", {"allow_http": True}))


def test_what_cannot_be_opened_is_one_line_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ObjectStoreError) as caught:
        open_object_store("az://container", {})
    assert str(caught.value) == "az://container names no storage account"
    assert caught.value.remedy == "set AZURE_STORAGE_ACCOUNT_NAME, or storage.account_name"
    for address, options, variable in (
        ("az://container", {"account_name": "mine", "account_key": "s3cr3t!"}, "AZURE_X"),
        ("gs://bucket", {}, "GOOGLE_SERVICE_ACCOUNT"),
        ("s3://bucket", {}, "AWS_CONDITIONAL_PUT"),
    ):
        monkeypatch.setenv(variable, "/s3cr3t/nowhere")
        with pytest.raises(ObjectStoreError) as caught:
            open_object_store(address, options)
        assert str(caught.value) == f"{address} cannot be opened with these settings"
        assert "correct `storage` in the settings" in caught.value.remedy


def test_a_bucket_of_google_s_opens_without_a_request() -> None:
    assert open_object_store("gs://bucket/prefix", {"endpoint": "http://127.0.0.1:1", "request_timeout": 1.0})
