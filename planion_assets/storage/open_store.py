"""Opening what holds the tables: a data folder, or an object store by an address and plain settings. Sends no request.

What is not given the cloud's own variables say, which obstore reads; a profile of AWS's files is read by boto3.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planion_assets.guide import Heading
from planion_assets.storage.errors import ObjectStoreError
from planion_assets.storage.files import Files
from planion_assets.storage.local_files import LocalFiles

if TYPE_CHECKING:
    from obstore.store import AzureStore, GCSStore, S3Store

    from planion_assets.storage.object_files import ObjectFiles
    from planion_assets.storage.store import Store

Options = Mapping[str, str | float | bool]
"""The keys of `storage` in planion.yaml, a secret's without `_env`: those that are given."""

_PARAMETERS: Mapping[str, Mapping[str, str]] = {
    "s3": {
        "endpoint": "endpoint",
        "region": "region",
        "virtual_hosted_style": "virtual_hosted_style_request",
        "access_key_id": "access_key_id",
        "secret_access_key": "secret_access_key",
    },
    "gs": {"endpoint": "base_url"},
    "az": {"endpoint": "endpoint", "account_name": "account_name", "account_key": "account_key"},
}
_ALLOW_HTTP = {"s3": "AWS_ALLOW_HTTP", "gs": "GOOGLE_ALLOW_HTTP", "az": "AZURE_ALLOW_HTTP"}
"""Variables that Polars reads too; obstore does not where it is given any option of its client."""
_TIMEOUT, _RETRY_TIMEOUT = 30.0, 60.0  # seconds, where no setting says


def open_files(data: Path | str, options: Options) -> Files:
    """The files of a data folder or below an address; costs no pyarrow, unlike a store.

    `options` are plain settings of an object store. Raises `ObjectStoreError` where they do not open one.
    """
    return LocalFiles(data) if isinstance(data, Path) else _opened(data, tuple(options.items()))


def open_store(data: Path | str, options: Options) -> "Store":
    """The store of a data folder or below an address. Raises as `open_files` does."""
    # Imported here: whoever only looks at notes needs no pyarrow.
    if isinstance(data, Path):
        from planion_assets.storage.local_store import LocalStore

        return LocalStore(data)
    from planion_assets.storage.object_store import ObjectStore

    return ObjectStore(_opened(data, tuple(options.items())))


@cache
def _opened(address: str, options: tuple[tuple[str, str | float | bool], ...]) -> "ObjectFiles":
    """One for the whole process: to open a store reads the system's certificates, and its connections are kept."""
    # Imported here: whoever stores in a folder needs no obstore.
    from planion_assets.storage.object_files import ObjectFiles

    return ObjectFiles(open_object_store(address, dict(options)), address)


def open_object_store(address: str, options: Options) -> "S3Store | GCSStore | AzureStore":
    """A store whose paths are below an address such as `s3://bucket/prefix`.

    Raises `ObjectStoreError` where what it is opened with does not do.
    """
    # Imported here: whoever stores in a folder needs no obstore.
    from obstore import store
    from obstore.exceptions import BaseError

    scheme, _, rest = address.partition("://")
    container, _, prefix = rest.partition("/")
    kinds: dict[str, Any] = {"s3": store.S3Store, "gs": store.GCSStore, "az": store.AzureStore}
    config = {name: options[key] for key, name in _PARAMETERS[scheme].items() if key in options}
    try:
        opened: S3Store | GCSStore | AzureStore = kinds[scheme](
            container,
            prefix=prefix or None,
            config=config,
            client_options=_client_options(scheme, options),
            retry_config={"retry_timeout": timedelta(seconds=float(options.get("retry_timeout", _RETRY_TIMEOUT)))},
            credential_provider=_profile(address) if scheme == "s3" and "access_key_id" not in options else None,
        )
    except BaseError as error:
        raise _unusable(address, error) from None
    return opened


def _client_options(scheme: str, options: Options) -> dict[str, Any]:
    timeout = timedelta(seconds=float(options.get("request_timeout", _TIMEOUT)))
    given: dict[str, Any] = {"timeout": timeout, "connect_timeout": min(timeout, timedelta(seconds=5))}
    # An address of this machine needs no allow_http: the settings refuse http elsewhere without it.
    is_plain = options.get("allow_http") or str(options.get("endpoint", "")).startswith("http://")
    if is_plain or os.environ.get(_ALLOW_HTTP[scheme], "").lower() == "true":
        given["allow_http"] = True
    return given


def _profile(address: str) -> Any:
    """What gives the credentials of the profile that AWS_PROFILE names; None where that says none, or keys are set."""
    profile = os.environ.get("AWS_PROFILE", "").strip()
    if not profile or os.environ.get("AWS_ACCESS_KEY_ID"):
        return None
    try:
        import boto3
        from botocore.exceptions import BotoCoreError
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ImportError:
        raise ObjectStoreError(
            f"{address} is to be opened with a profile (AWS_PROFILE), and boto3, which reads profiles, is missing",
            "pip install boto3, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            Heading.BUCKET_CREDENTIALS,
        ) from None
    try:
        return Boto3CredentialProvider(boto3.Session(profile_name=profile))
    except (BotoCoreError, ValueError):
        raise ObjectStoreError(
            f"{address} is to be opened with a profile (AWS_PROFILE) that has no usable credentials",
            "correct the profile, log in again (aws sso login), or unset AWS_PROFILE",
            Heading.BUCKET_CREDENTIALS,
        ) from None


def _unusable(address: str, error: Exception) -> ObjectStoreError:
    """Why a store cannot be opened, without a word of obstore's, which may hold a key."""
    if "Account must be specified" in str(error):
        return ObjectStoreError(
            f"{address} names no storage account",
            "set AZURE_STORAGE_ACCOUNT_NAME, or storage.account_name",
            Heading.BUCKET_ADDRESS,
        )
    return ObjectStoreError(
        f"{address} cannot be opened with these settings",
        "correct `storage` in the settings and the variables of the cloud (AWS_..., GOOGLE_..., AZURE_...)",
        Heading.BUCKET_ADDRESS,
    )
